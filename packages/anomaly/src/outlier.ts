// The detectors as tools for outlier detection. One class a method, each a line beside its definition.

import { ExplainableOutlierDetector, OutlierDetector } from './detector/outlier-detector';
import { type COPODOptions, type COPODState, copod } from './detectors/copod';
import { type ECODOptions, type ECODState, ecod } from './detectors/ecod';
import {
  type EllipticEnvelopeOptions,
  type EllipticEnvelopeState,
  ellipticEnvelope,
} from './detectors/elliptic-envelope';
import { type GaussianMixtureOptions, type GaussianMixtureState, gaussianMixture } from './detectors/gaussian-mixture';
import { type HBOSOptions, type HBOSState, hbos } from './detectors/hbos';
import { type INNEOptions, type INNEState, inne } from './detectors/inne';
import { type IsolationForestOptions, type IsolationForestState, isolationForest } from './detectors/isolation-forest';
import {
  type KNearestNeighborsOptions,
  type KNearestNeighborsState,
  kNearestNeighbors,
} from './detectors/k-nearest-neighbors';
import {
  type LocalOutlierFactorOptions,
  type LocalOutlierFactorState,
  localOutlierFactor,
} from './detectors/local-outlier-factor';
import { type LODAOptions, type LODAState, loda } from './detectors/loda';
import { type MahalanobisOptions, type MahalanobisState, mahalanobis } from './detectors/mahalanobis';
import {
  linearCoefficients,
  type OneClassSVMOptions,
  type OneClassSVMState,
  oneClassSVM,
} from './detectors/one-class-svm';
import { type PCAOptions, type PCAState, pca } from './detectors/pca';
import { type RankEnsembleOptions, type RankEnsembleState, rankEnsemble } from './detectors/rank-ensemble';
import { type SGDOneClassSVMOptions, type SGDOneClassSVMState, sgdOneClassSVM } from './detectors/sgd-one-class-svm';

/** Distance to the nearest other rows; among the best on contaminated data with `nNeighbors: 20, method: 'mean'`. */
export class KNearestNeighbors extends OutlierDetector<KNearestNeighborsOptions, KNearestNeighborsState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: KNearestNeighborsOptions) {
    super(kNearestNeighbors, options);
  }
}

/** Density compared with that of the neighbours: finds what is odd for its surroundings. */
export class LocalOutlierFactor extends OutlierDetector<LocalOutlierFactorOptions, LocalOutlierFactorState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LocalOutlierFactorOptions) {
    super(localOutlierFactor, options);
  }
}

/** Random splits: few steps isolate an outlier. The default for contaminated data. */
export class IsolationForest extends ExplainableOutlierDetector<IsolationForestOptions, IsolationForestState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: IsolationForestOptions) {
    super(isolationForest, options);
  }
}

/** A boundary that leaves at most the share nu of the rows outside. */
export class OneClassSVM extends OutlierDetector<OneClassSVMOptions, OneClassSVMState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: OneClassSVMOptions) {
    super(oneClassSVM, options);
  }

  /**
   * The weight of each feature, where the kernel is linear. scikit-learn's `coef_`.
   *
   * @throws DlError for other kernels, which have none
   */
  get coefficients(): Float64Array {
    return linearCoefficients(this.fitted, this.options);
  }
}

/** Mahalanobis distance by a covariance that outliers cannot pull. */
export class EllipticEnvelope extends ExplainableOutlierDetector<EllipticEnvelopeOptions, EllipticEnvelopeState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: EllipticEnvelopeOptions) {
    super(ellipticEnvelope, options);
  }
}

/** Mahalanobis distance from the mean of the rows; simple and hard to beat. */
export class Mahalanobis extends ExplainableOutlierDetector<MahalanobisOptions, MahalanobisState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: MahalanobisOptions) {
    super(mahalanobis, options);
  }
}

/** Histograms of single features: the fastest; blind to what features have to do with each other. */
export class HBOS extends ExplainableOutlierDetector<HBOSOptions, HBOSState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: HBOSOptions) {
    super(hbos, options);
  }
}

/** Tails of single features, without a parameter to choose. */
export class ECOD extends ExplainableOutlierDetector<ECODOptions, ECODState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: ECODOptions) {
    super(ecod, options);
  }
}

/** Tails of single features, by their mean; without a parameter to choose. */
export class COPOD extends ExplainableOutlierDetector<COPODOptions, COPODState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: COPODOptions) {
    super(copod, options);
  }
}

/** What the main directions leave unexplained; outliers in the data turn them. */
export class PCA extends ExplainableOutlierDetector<PCAOptions, PCAState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: PCAOptions) {
    super(pca, options);
  }
}

/** Likelihood under a mixture of normal distributions; clustered outliers can take a component for themselves. */
export class GaussianMixture extends OutlierDetector<GaussianMixtureOptions, GaussianMixtureState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: GaussianMixtureOptions) {
    super(gaussianMixture, options);
  }
}

/** Histograms of random projections: fast on many features. */
export class LODA extends OutlierDetector<LODAOptions, LODAState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LODAOptions) {
    super(loda, options);
  }
}

/** Isolation by spheres around random rows: local outliers in linear time. */
export class INNE extends OutlierDetector<INNEOptions, INNEState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: INNEOptions) {
    super(inne, options);
  }
}

/** A linear boundary learnt row by row; for rows that `Nystroem` has mapped. */
export class SGDOneClassSVM extends OutlierDetector<SGDOneClassSVMOptions, SGDOneClassSVMState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: SGDOneClassSVMOptions) {
    super(sgdOneClassSVM, options);
  }
}

/** Mean rank over several detectors: near the best of them, whichever that is. */
export class RankEnsemble extends OutlierDetector<RankEnsembleOptions, RankEnsembleState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: RankEnsembleOptions) {
    super(rankEnsemble, options);
  }
}
