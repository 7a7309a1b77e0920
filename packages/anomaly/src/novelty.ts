// The detectors as tools for novelty detection. One class a method, each a line beside its definition.

import { ExplainableNoveltyDetector, NoveltyDetector } from './detector/novelty-detector';
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
import {
  linearCoefficients,
  type OneClassSVMOptions,
  type OneClassSVMState,
  oneClassSVM,
} from './detectors/one-class-svm';
import { type EllipticEnvelopeOptions, type EllipticEnvelopeState, ellipticEnvelope } from './detectors/elliptic-envelope';
import { type MahalanobisOptions, type MahalanobisState, mahalanobis } from './detectors/mahalanobis';

/** Distance to the nearest training rows; with the default of 5 the best on clean training data. */
export class KNearestNeighbors extends NoveltyDetector<KNearestNeighborsOptions, KNearestNeighborsState> {
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
export class IsolationForest extends NoveltyDetector<IsolationForestOptions, IsolationForestState> {
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
