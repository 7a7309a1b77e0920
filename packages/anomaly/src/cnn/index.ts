export type { TrainingOptions } from '../deep/training-options';
export type { ConvolutionalAutoEncoderOptions, ConvolutionalAutoEncoderState } from './convolutional-auto-encoder';
export * as novelty from './novelty';
export * as outlier from './outlier';
