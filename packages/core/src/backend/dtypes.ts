import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

/** Bytes of one element in the heap; undefined for what does not lie there (strings, complex numbers). */
export function elementBytes(dtype: DataType): 4 | 1 | undefined {
  if (dtype === 'float32' || dtype === 'int32') return 4;
  return dtype === 'bool' ? 1 : undefined;
}

/** Whether all of these are float32; inputs that are not given do not count. */
export function areFloat(...tensors: (TensorInfo | null | undefined)[]): boolean {
  return tensors.every((tensor) => tensor == null || tensor.dtype === 'float32');
}
