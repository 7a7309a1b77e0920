// The detectors as tools for novelty detection. One class a method, each a line beside its definition.

import type { Rows } from './data/rows';
import { ExplainableNoveltyDetector, NoveltyDetector } from './detector/novelty-detector';
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
import {
  forestOfScikitLearn,
  type IsolationForestOptions,
  type IsolationForestState,
  isolationForest,
  type ScikitLearnTree,
} from './detectors/isolation-forest';
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
import {
  type SGDOneClassSVMOptions,
  type SGDOneClassSVMState,
  sgdOneClassSVM,
  sgdPartialFit,
} from './detectors/sgd-one-class-svm';

/** Distance to the nearest training rows; with the default of 5 the best on clean training data. */
export class KNearestNeighbors extends ExplainableNoveltyDetector<KNearestNeighborsOptions, KNearestNeighborsState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: KNearestNeighborsOptions) {
    super(kNearestNeighbors, options);
  }
}

/** Density compared with that of the nearest training rows: finds what is odd for its surroundings. */
export class LocalOutlierFactor extends NoveltyDetector<LocalOutlierFactorOptions, LocalOutlierFactorState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LocalOutlierFactorOptions) {
    super(localOutlierFactor, options);
  }
}

/** Random splits: few steps isolate what is unlike the training rows. */
export class IsolationForest extends ExplainableNoveltyDetector<IsolationForestOptions, IsolationForestState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: IsolationForestOptions) {
    super(isolationForest, options);
  }

  /**
   * A forest that scikit-learn has fitted, which scores as it does there.
   *
   * @param trees `estimator.tree_` of each of `estimators_`
   * @param fitted `max_samples_`, `n_features_in_` and `offset_`
   * @throws ConfigError where the arrays are no trees
   */
  static fromScikitLearn(
    trees: readonly ScikitLearnTree[],
    { maxSamples, features, offset }: { maxSamples: number; features: number; offset: number },
  ): IsolationForest {
    const none = new Float64Array(0);
    return new IsolationForest({ nEstimators: trees.length }).like({
      state: forestOfScikitLearn(trees, maxSamples, features),
      preparation: { fill: none, shift: none, factor: none },
      columns: features,
      names: undefined,
      trainingScores: () => none,
      offset: () => offset,
    });
  }
}

/** A boundary around the training rows, which leaves at most the share nu of them outside. */
export class OneClassSVM extends NoveltyDetector<OneClassSVMOptions, OneClassSVMState> {
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

/** Mahalanobis distance by a covariance that a few dirty training rows cannot pull. */
export class EllipticEnvelope extends ExplainableNoveltyDetector<EllipticEnvelopeOptions, EllipticEnvelopeState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: EllipticEnvelopeOptions) {
    super(ellipticEnvelope, options);
  }
}

/** Mahalanobis distance from the mean of the training rows; simple and hard to beat. */
export class Mahalanobis extends ExplainableNoveltyDetector<MahalanobisOptions, MahalanobisState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: MahalanobisOptions) {
    super(mahalanobis, options);
  }
}

/** Histograms of single features: the fastest; blind to what features have to do with each other. */
export class HBOS extends ExplainableNoveltyDetector<HBOSOptions, HBOSState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: HBOSOptions) {
    super(hbos, options);
  }
}

/** Tails of single features, without a parameter to choose. */
export class ECOD extends ExplainableNoveltyDetector<ECODOptions, ECODState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: ECODOptions) {
    super(ecod, options);
  }
}

/** Tails of single features, by their mean; without a parameter to choose. */
export class COPOD extends ExplainableNoveltyDetector<COPODOptions, COPODState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: COPODOptions) {
    super(copod, options);
  }
}

/** What the main directions of the training rows leave unexplained. */
export class PCA extends ExplainableNoveltyDetector<PCAOptions, PCAState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: PCAOptions) {
    super(pca, options);
  }
}

/** Likelihood under a mixture of normal distributions: near the best on clean training data. */
export class GaussianMixture extends NoveltyDetector<GaussianMixtureOptions, GaussianMixtureState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: GaussianMixtureOptions) {
    super(gaussianMixture, options);
  }
}

/** Histograms of random projections: fast on many features. */
export class LODA extends NoveltyDetector<LODAOptions, LODAState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LODAOptions) {
    super(loda, options);
  }
}

/** Isolation by spheres around random training rows: local outliers in linear time. */
export class INNE extends NoveltyDetector<INNEOptions, INNEState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: INNEOptions) {
    super(inne, options);
  }
}

/** A linear boundary learnt row by row, from batch after batch if need be; for rows that `Nystroem` has mapped. */
export class SGDOneClassSVM extends NoveltyDetector<SGDOneClassSVMOptions, SGDOneClassSVMState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: SGDOneClassSVMOptions) {
    super(sgdOneClassSVM, options);
  }

  /**
   * Learns from one more batch, once through it. The first batch decides how rows are scaled and imputed.
   *
   * @param x rows with the features of the batches before
   */
  partialFit(x: Rows): this {
    if (this.known === undefined) {
      this.known = new SGDOneClassSVM({ ...this.options, maxIter: 1, tol: 'none' }).fit(x).knowledge;
    } else {
      const state = sgdPartialFit(this.fitted, this.prepared(x), this.options);
      this.known = { ...this.known, state, offset: () => state.rho };
    }
    return this;
  }
}

/** Mean rank over several detectors: near the best of them, whichever that is. */
export class RankEnsemble extends NoveltyDetector<RankEnsembleOptions, RankEnsembleState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: RankEnsembleOptions) {
    super(rankEnsemble, options);
  }
}
