// The detectors as tools for novelty detection. One class a method, each a line beside its definition.

import { NoveltyDetector } from './detector/novelty-detector';
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
