export {
  averagePrecisionScore,
  ConfigError,
  DtypeError,
  FormatError,
  init,
  type Key,
  key,
  NotFittedError,
  NumericsError,
  rocAucScore,
  ShapeError,
} from '@dl/core';
export type { Rows, SparseRows } from './data/rows';
export type { AutoOptions, DataOptions, ShareOptions } from './detector/common-options';
export type { FitOptions } from './detector/detector';
export { ExplainableNoveltyDetector, NoveltyDetector } from './detector/novelty-detector';
export { ExplainableOutlierDetector, OutlierDetector } from './detector/outlier-detector';
export type { Complete } from './detector/ranges';
export type { COPODOptions, COPODState } from './detectors/copod';
export type { ECODOptions, ECODState } from './detectors/ecod';
export type { EllipticEnvelopeOptions, EllipticEnvelopeState } from './detectors/elliptic-envelope';
export type { GaussianMixtureOptions, GaussianMixtureState } from './detectors/gaussian-mixture';
export type { HBOSOptions, HBOSState } from './detectors/hbos';
export type { INNEOptions, INNEState } from './detectors/inne';
export type { IsolationForestOptions, IsolationForestState, ScikitLearnTree } from './detectors/isolation-forest';
export type { KNearestNeighborsOptions, KNearestNeighborsState } from './detectors/k-nearest-neighbors';
export type { LocalOutlierFactorOptions, LocalOutlierFactorState } from './detectors/local-outlier-factor';
export type { LODAOptions, LODAState } from './detectors/loda';
export type { MahalanobisOptions, MahalanobisState } from './detectors/mahalanobis';
export type { OneClassSVMOptions, OneClassSVMState } from './detectors/one-class-svm';
export type { PCAOptions, PCAState } from './detectors/pca';
export type { Member, MemberOptions, RankEnsembleOptions, RankEnsembleState } from './detectors/rank-ensemble';
export type { SGDOneClassSVMOptions, SGDOneClassSVMState } from './detectors/sgd-one-class-svm';
export { ParameterError, TaskError } from './errors';
export { affiliation } from './metrics/affiliation';
export { type BestF1, bestF1 } from './metrics/best-f1';
export { type PointAdjustedF1, type PointAdjustedOptions, pointAdjustedF1 } from './metrics/point-adjusted-f1';
export { precisionAtN } from './metrics/precision-at-n';
export { type RangeF1Options, type RangeScores, rangeF1 } from './metrics/range-f1';
export { type VolumeOptions, type VolumeUnderSurface, volumeUnderSurface } from './metrics/volume-under-surface';
export type { CovarianceType } from './mixtures/mixture';
export type { Distance, MetricOptions } from './neighbors/metric';
export * as novelty from './novelty';
export * as online from './online';
export * as outlier from './outlier';
export { type AnyDetector, type DetectorModule, decodeDetector, loadDetector } from './persistence/decode';
export { encodeDetector, saveDetector } from './persistence/encode';
export { type Recommendation, recommend } from './recommend';
export * as series from './series';
export type { KernelFunction, KernelOptions } from './svm/kernel-function';
export { Nystroem, type NystroemMap, type NystroemOptions } from './svm/nystroem';
export { benjaminiHochberg } from './thresholds/benjamini-hochberg';
export { confidence } from './thresholds/confidence';
export { fitGeneralizedPareto, type GeneralizedPareto } from './thresholds/generalized-pareto';
export { type PeaksOptions, PeaksOverThreshold } from './thresholds/peaks-over-threshold';
export { type ConformalOptions, SplitConformal } from './thresholds/split-conformal';
export { withContamination } from './thresholds/with-contamination';
