import { greater, mul, reshape, sum, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { expectFloat } from './checks';
import { defineOp } from './define-op';

const op = defineOp({
  name: 'prelu',
  forward: ({ x, alpha }: { x: Tensor; alpha: Tensor }) => where(greater(x, 0), x, mul(x, alpha)),
  backward: ({ x, alpha, dy }) => ({
    x: () => where(greater(x, 0), dy, mul(dy, alpha)),
    alpha: () => {
      const products = where(greater(x, 0), zerosLike(x), mul(dy, x));
      return alpha.size === 1 ? reshape(sum(products), [1]) : sum(reshape(products, [-1, alpha.size]), 0); // [channels]
    },
  }),
  saves: ['x', 'alpha'],
});

/**
 * The leaky rectifier with a learnt slope for each channel: `y = x` where `x > 0`, else `alpha x`. He et al. 2015,
 * PyTorch's `prelu`, with the channels last.
 *
 * `dx = dy` where `x > 0`, else `alpha dy`; `dalpha` is the sum of `dy x` over the elements of the channel with `x <= 0`.
 *
 * @param x float32, channels on the last axis
 * @param alpha `[channels]`, or `[1]` for one slope for all
 * @throws DtypeError unless both are float32
 * @throws ShapeError unless alpha fits the channels
 */
export function prelu(x: Tensor, alpha: Tensor): Tensor {
  expectFloat('prelu', 'input', x);
  expectFloat('prelu', 'alpha', alpha);
  if (alpha.rank !== 1 || (alpha.size !== 1 && alpha.size !== x.shape.at(-1))) {
    throw new ShapeError('prelu', `${x.shape.at(-1) ?? 'no'} channels, ${alpha.size} slopes`, [
      { label: 'input', shape: x.shape },
      { label: 'alpha', shape: alpha.shape },
    ]);
  }
  return op({ x, alpha });
}
