export { BatchedDataset, type BatchPosition, disposeBatch } from './batched-dataset';
export type { Batches } from './batches';
export { type BucketOptions, bucketByLength } from './bucket-by-length';
export { type Collated, collate, type Dtypes } from './collate';
export type { Column, Columns, RowOf } from './columns';
export {
  type AnyBatchOptions,
  type BatchOptions,
  type CollateOptions,
  Dataset,
  type ExamplePosition,
  IndexedDataset,
  type IndexedSource,
  StreamDataset,
} from './dataset';
export { readIdx } from './idx';
export { type MinMaxOptions, MinMaxScaler, type MinMaxScalerJSON, minMaxScaler } from './min-max-scaler';
export { type Digit, type MnistFile, type MnistSource, mnist } from './mnist';
export type { BatchDtype, NdArray, NestedNumbers, TypedArray } from './nd-array';
export { type Padded, type PadOptions, padCollate } from './pad-collate';
export { type ManyFeatures, type OneFeature, Scaler } from './scaler';
export { StandardScaler, type StandardScalerJSON, standardScaler } from './standard-scaler';
export type { ExampleSource } from './stream';
export { type ForecastOptions, type Series, type WindowOptions, windows } from './windows';
