import { cast, greater, mul, relu, sub, type Tensor, tanh } from '@dl/core/ops';
import { type Cell, gateSums } from './cell';

/** What a plain recurrent network applies to its sums. */
export type Nonlinearity = 'tanh' | 'relu';

/**
 * The plain recurrent network (Elman 1990): `h' = act(x W^T + b + h U^T + c)`.
 *
 * Backward: `sums = dh' act'(sums)`, which is `1 - h'^2` for tanh and 1 where h' > 0 for relu.
 */
export function rnnCell(nonlinearity: Nonlinearity): Cell<{ h: Tensor }> {
  return {
    step(x, [h], w) {
      const sums = gateSums(x, h!, w);
      const next = nonlinearity === 'relu' ? relu(sums) : tanh(sums);
      return { state: [next], values: { h: next } };
    },
    stepBackward({ h }, _, [dh]) {
      const slope = nonlinearity === 'relu' ? cast(greater(h, 0), 'float32') : sub(1, mul(h, h));
      const dSums = mul(dh!, slope);
      return { dInput: dSums, dRecurrent: dSums, dState: [undefined] };
    },
  };
}
