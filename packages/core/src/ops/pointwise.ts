import type { Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import type { Kernels } from '../backend/kernels.generated';

/**
 * Runs a kernel `(...inputs, output, n, ...options)` over the elements of inputs of one shape.
 *
 * @param heap the heap of the inputs
 * @param name the kernel
 * @param inputs tensors of one shape
 * @param options further numbers that the kernel takes
 * @returns a new tensor of that shape
 */
export function pointwise(heap: Heap, name: keyof Kernels, inputs: readonly Tensor[], ...options: number[]): Tensor {
  const first = inputs[0]!;
  const output = heap.tensor(first.shape);
  const run: (...args: number[]) => unknown = kernels.on(heap)[name];
  run(...inputs.map((tensor) => heap.address(tensor)), heap.address(output), first.size, ...options);
  return output;
}
