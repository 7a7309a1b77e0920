import { equal, expandDims, range, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Whether an example is of a class, [..., classes] of booleans; nowhere for a number that is no class. Unlike tfjs's
 * `oneHot` it knows of a single class, and has no type to get wrong.
 *
 * @param target classes by number [...], int32
 */
export function classMask(target: Tensor, classes: number): Tensor {
  return equal(expandDims(target, -1), range(0, classes, 1, 'int32'));
}
