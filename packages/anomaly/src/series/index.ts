export { discords, type MatrixProfile, matrixProfile } from './matrix-profile';
export { findPeriod } from './period';
export { recommend, type SeriesRecommendation } from './recommend-series';
export {
  type AutoregressiveResidualOptions,
  autoregressiveResidual,
  type SeasonalResidualOptions,
  seasonalResidual,
} from './residuals';
export { type SpectralResidualOptions, spectralResidual } from './spectral-residual';
export { type KMeansADOptions, kMeansAD, type SubKNNOptions, subKNN } from './sub-neighbors';
export { subPCA } from './sub-pca';
export type { WindowOptions } from './windows';
