export type { AutoEncoderOptions } from './auto-encoder';
export type { DeepSVDDOptions } from './deep-svdd';
export type { Activation } from './dense-layers';
export type { LUNAROptions } from './lunar';
export * as novelty from './novelty';
export * as outlier from './outlier';
export type { TrainingOptions } from './training-options';
export type { VariationalAutoEncoderOptions } from './variational-auto-encoder';
export type { Weights } from './weights';
