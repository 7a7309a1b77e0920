// The detectors of series as tools for novelty detection. One class a method, each a line beside its definition.

import type { IsolationForestOptions, IsolationForestState } from '../detectors/isolation-forest';
import type { KNearestNeighborsOptions, KNearestNeighborsState } from '../detectors/k-nearest-neighbors';
import type { MahalanobisOptions, MahalanobisState } from '../detectors/mahalanobis';
import { type ARResidualOptions, type ARResidualState, arResidual } from './ar-residual';
import type { KMeansADOptions, KMeansADState } from './k-means-ad';
import { type MatrixProfileOptions, type MatrixProfileState, matrixProfileDetector } from './matrix-profile';
import { type SeasonalResidualOptions, type SeasonalResidualState, seasonalResidual } from './seasonal-residual';
import { SeriesNoveltyDetector } from './series-novelty-detector';
import { type SpectralResidualOptions, type SpectralResidualState, spectralResidual } from './spectral-residual';
import { kMeansAD, subIsolationForest, subKNN, subPCA } from './sub-detectors';
import type { WindowState } from './windowed';
import type { WindowOptions } from './windows';

/** Windows by their Mahalanobis distance: PCA with every component weighed by one over its variance. The first choice where the series has a period. */
export class SubPCA extends SeriesNoveltyDetector<MahalanobisOptions & WindowOptions, MahalanobisState & WindowState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: MahalanobisOptions & WindowOptions) {
    super(subPCA, options);
  }
}

/** Windows by their distance to the nearest others. */
export class SubKNN extends SeriesNoveltyDetector<
  KNearestNeighborsOptions & WindowOptions,
  KNearestNeighborsState & WindowState
> {
  /** @throws ParameterError for options out of range */
  constructor(options?: KNearestNeighborsOptions & WindowOptions) {
    super(subKNN, options);
  }
}

/** Windows by the number of random splits that isolate them. */
export class SubIsolationForest extends SeriesNoveltyDetector<
  IsolationForestOptions & WindowOptions,
  IsolationForestState & WindowState
> {
  /** @throws ParameterError for options out of range */
  constructor(options?: IsolationForestOptions & WindowOptions) {
    super(subIsolationForest, options);
  }
}

/** Windows by their distance to the nearest of ten typical ones. The first choice where the series has no period. */
export class KMeansAD extends SeriesNoveltyDetector<KMeansADOptions & WindowOptions, KMeansADState & WindowState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: KMeansADOptions & WindowOptions) {
    super(kMeansAD, options);
  }
}

/** Windows by how much the most similar other one differs in shape: the best for odd shapes. */
export class MatrixProfile extends SeriesNoveltyDetector<MatrixProfileOptions, MatrixProfileState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: MatrixProfileOptions) {
    super(matrixProfileDetector, options);
  }
}

/** Values by their distance from the median of their time of the season: the best for shifts of level. */
export class SeasonalResidual extends SeriesNoveltyDetector<SeasonalResidualOptions, SeasonalResidualState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: SeasonalResidualOptions) {
    super(seasonalResidual, options);
  }
}

/** Values by their distance from a linear forecast: the best for single odd values. */
export class ARResidual extends SeriesNoveltyDetector<ARResidualOptions, ARResidualState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: ARResidualOptions) {
    super(arResidual, options);
  }
}

/** Values that stick out of the smoothed spectrum: cheap, for spikes. */
export class SpectralResidual extends SeriesNoveltyDetector<SpectralResidualOptions, SpectralResidualState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: SpectralResidualOptions) {
    super(spectralResidual, options);
  }
}
