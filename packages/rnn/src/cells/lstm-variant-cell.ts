import { add, layerNorm, linear, mul, sigmoid, split, sub, type Tensor, tanh } from '@dl/core/ops';
import { type Cell, recurrentSums } from './cell';

/** What a layer norm of a cell learns. */
export interface NormWeights {
  /** [size] */
  weight: Tensor;
  /** [size] */
  bias: Tensor;
}

/** How an LSTM cell differs from the usual one. */
export interface LSTMVariant {
  /** Layer norms over the sums of the inputs, those of the recurrence [gates * hidden], and the cell state [hidden]. */
  layerNorm?: { input: NormWeights; recurrent: NormWeights; cell: NormWeights } | undefined;
  /** What the gates see of the cell, [hidden] each; no input gate where it is coupled. */
  peephole?: { i: Tensor | undefined; f: Tensor; o: Tensor } | undefined;
  /** Whether the input gate is 1 - f. */
  coupled: boolean;
}

/**
 * Variants of the LSTM, in every combination:
 *
 * ```
 * s = N(x W^T) + N(h U^T) + b     N: the identity, or a layer norm each (Ba et al. 2016)
 * i = sigmoid(si + pi c)          p: 0, or peepholes (Gers et al. 2002)
 * f = sigmoid(sf + pf c)          i = 1 - f where the two are coupled (Greff et al. 2017)
 * g = tanh(sg)
 * c' = f c + i g
 * o = sigmoid(so + po c')
 * h' = o tanh(N(c'))
 * ```
 *
 * The weights hold the gates in the order i, f, g, o; f, g, o where the gates are coupled. Gradients are those of the
 * operations, step by step back through time.
 */
export function lstmVariantCell({ layerNorm: norms, peephole, coupled }: LSTMVariant): Pick<Cell<unknown>, 'step'> {
  const normed = (x: Tensor, norm: NormWeights | undefined) => (norm ? layerNorm(x, { ...norm, axes: 1 }) : x);
  const peeped = (sums: Tensor, c: Tensor, weight: Tensor | undefined) => (weight ? add(sums, mul(c, weight)) : sums);
  return {
    step(x, [h, c], w) {
      const input = norms
        ? add(normed(linear(x, w.weightIh), norms.input), w.biasIh ?? 0)
        : linear(x, w.weightIh, w.biasIh);
      const recurrent = norms
        ? add(normed(recurrentSums(h!, { ...w, biasHh: undefined }), norms.recurrent), w.biasHh ?? 0)
        : recurrentSums(h!, w);
      const sums = split(add(input, recurrent), coupled ? 3 : 4, 1);
      const [sf, sg, so] = sums.slice(-3) as [Tensor, Tensor, Tensor];
      const f = sigmoid(peeped(sf, c!, peephole?.f));
      const i = coupled ? sub(1, f) : sigmoid(peeped(sums[0]!, c!, peephole?.i));
      const next = add(mul(f, c!), mul(i, tanh(sg)));
      const o = sigmoid(peeped(so, next, peephole?.o));
      return { state: [mul(o, tanh(normed(next, norms?.cell))), next], values: undefined };
    },
  };
}
