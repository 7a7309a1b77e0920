import { concat, mul, sigmoid, split, sub, type Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { expectAxis, expectFloat } from './checks';
import { defineOp } from './define-op';

const op = defineOp({
  name: 'glu',
  forward: ({ x }: { x: Tensor }, { axis }: { axis: number }) => {
    const [a, b] = split(x, 2, axis);
    return mul(a!, sigmoid(b!));
  },
  backward: ({ x, y, dy }, { axis }) => ({
    x: () => {
      const [, b] = split(x, 2, axis);
      const s = sigmoid(b!);
      return concat([mul(dy, s), mul(dy, mul(y, sub(1, s)))], axis);
    },
  }),
});

/**
 * The gated linear unit: the first half of an axis, gated by the second, `y = a sigmoid(b)`. Dauphin et al. 2016,
 * PyTorch's `glu`.
 *
 * `da = dy sigmoid(b)` and `db = dy a sigmoid(b) (1 - sigmoid(b)) = dy y (1 - sigmoid(b))`.
 *
 * @param x float32, an even size along `axis`
 * @param axis which axis is halved; negative counts from the end
 * @default axis -1
 * @returns the shape of `x`, with `axis` halved
 * @throws DtypeError unless the input is float32
 * @throws ShapeError if there is no such axis, or its size is odd
 */
export function glu(x: Tensor, axis = -1): Tensor {
  expectFloat('glu', 'input', x);
  const place = expectAxis('glu', axis, x);
  if (x.shape[place]! % 2 !== 0) {
    throw new ShapeError('glu', `axis ${axis} has ${x.shape[place]} elements, which cannot be halved`, [
      { label: 'input', shape: x.shape },
    ]);
  }
  return op({ x }, { axis: place });
}
