import { mul, type Tensor, tensor, zerosLike } from '@tensorflow/tfjs-core';
import { kernels } from '../backend/kernels';
import { type Key, threefryBits } from '../random';
import { expectFloat, expectRange } from './checks';
import { defineOp, type Op } from './define-op';

/** Options of `dropout`. */
export interface DropoutOptions {
  /** The chance that an element is dropped, from 0 to 1; PyTorch's `p`. */
  rate: number;
  /** Which elements: the same key drops the same ones, on every backend. */
  key: Pick<Key, 'words'>;
}

type Attrs = { words: Key['words']; threshold: number; scale: number };

const op: Op<{ x: Tensor }, Attrs, Tensor> = defineOp({
  name: 'dropout',
  forward: ({ x }: { x: Tensor }, { words, threshold, scale }: Attrs) => {
    const mask = Float32Array.from(threefryBits(words, x.size), (word) => (word >= threshold ? scale : 0));
    return mul(x, tensor(mask, x.shape));
  },
  backward: ({ dy }, attrs) => ({ x: () => op({ x: dy }, attrs) }), // linear in x: the mask is drawn again
  kernel: ({ x }, { words, threshold, scale }, heap) => {
    const y = heap.tensor(x.shape);
    kernels.on(heap).dropout(heap.address(x), heap.address(y), x.size, ...words, threshold, scale);
    return y;
  },
  saves: [],
  error: 'exact',
});

/**
 * Sets elements to 0 with the chance `rate`, and scales the others by `1 / (1 - rate)` so that the mean stays. Srivastava
 * et al. 2014, PyTorch's `dropout` in training.
 *
 * `dx` is `dy` with the same mask and scale. The mask is not kept: word i of the key's stream decides on element i
 * (it is dropped where the word is below `rate * 2^32`), and the gradient draws it again.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 * @throws ConfigError unless the rate is from 0 to 1
 */
export function dropout(x: Tensor, { rate, key }: DropoutOptions): Tensor {
  expectFloat('dropout', 'input', x);
  expectRange('dropout', 'rate', rate, 0, 1);
  const threshold = Math.round(rate * 2 ** 32);
  if (threshold === 0) return x.clone();
  if (threshold === 2 ** 32) return zerosLike(x);
  return op({ x }, { words: key.words, threshold, scale: 1 / (1 - rate) });
}
