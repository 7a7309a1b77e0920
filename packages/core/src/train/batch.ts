import { type Tensor, type TensorContainer, tensor_util } from '@tensorflow/tfjs-core';

/** The tensors of a batch, however they are nested. */
export function tensorsIn(batch: unknown): Tensor[] {
  return tensor_util.getTensorsInContainer(batch as TensorContainer);
}

/** How many examples a batch holds: the size of the first axis of its first tensor. */
export function examplesIn(batch: unknown): number {
  for (const tensor of tensorsIn(batch)) if (tensor.rank > 0) return tensor.shape[0];
  return 1;
}
