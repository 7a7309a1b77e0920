export { BatchedDataset, type BatchPosition, disposeBatch } from './batched-dataset';
export type { Batches } from './batches';
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
export type { BatchDtype, NdArray, NestedNumbers, TypedArray } from './nd-array';
export { type Padded, type PadOptions, padCollate } from './pad-collate';
export type { ExampleSource } from './stream';
