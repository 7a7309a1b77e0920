export type { TrainingOptions } from '../deep/training-options';
export type { Weights } from '../deep/weights';
export type { LSTMAutoEncoderOptions } from './lstm-auto-encoder';
export type { LSTMForecasterOptions, LSTMForecasterState } from './lstm-forecaster';
export * as novelty from './novelty';
export * as outlier from './outlier';
export type { Series, SeriesNoveltyDetector, SeriesOutlierDetector } from './series-detector';
export type { RecurrentOptions } from './window-options';
