// The detectors as tools for outlier detection. One class a method, each a line beside its definition.

import { ExplainableOutlierDetector, OutlierDetector } from './detector/outlier-detector';
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
import {
  linearCoefficients,
  type OneClassSVMOptions,
  type OneClassSVMState,
  oneClassSVM,
} from './detectors/one-class-svm';
import { type EllipticEnvelopeOptions, type EllipticEnvelopeState, ellipticEnvelope } from './detectors/elliptic-envelope';
import { type MahalanobisOptions, type MahalanobisState, mahalanobis } from './detectors/mahalanobis';

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
export class IsolationForest extends OutlierDetector<IsolationForestOptions, IsolationForestState> {
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
