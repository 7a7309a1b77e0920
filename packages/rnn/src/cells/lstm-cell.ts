import { add, concat, mul, sigmoid, split, sub, type Tensor, tanh } from '@dl/core/ops';
import { type Cell, gateSums } from './cell';

interface Values {
  i: Tensor;
  f: Tensor;
  g: Tensor;
  o: Tensor;
  tanhC: Tensor;
}

/**
 * The long short-term memory (Hochreiter and Schmidhuber 1997, the forget gate of Gers et al. 2000):
 *
 * ```
 * i = sigmoid(x Wi^T + h Ui^T + bi)     what of the candidate is let in
 * f = sigmoid(x Wf^T + h Uf^T + bf)     what of the cell is kept
 * g = tanh(x Wg^T + h Ug^T + bg)        the candidate
 * o = sigmoid(x Wo^T + h Uo^T + bo)     what of the cell is shown
 * c' = f c + i g
 * h' = o tanh(c')
 * ```
 *
 * Backward, from dh' and dc':
 *
 * ```
 * do = dh' tanh(c')     dc' <- dc' + dh' o (1 - tanh(c')^2)
 * di = dc' g     df = dc' c     dg = dc' i     dc = dc' f
 * sums: di i (1 - i),  df f (1 - f),  dg (1 - g^2),  do o (1 - o)
 * ```
 */
export const lstmCell: Cell<Values> = {
  step(x, [h, c], w) {
    const [i, f, g, o] = split(gateSums(x, h!, w), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const gates = { i: sigmoid(i), f: sigmoid(f), g: tanh(g), o: sigmoid(o) };
    const next = add(mul(gates.f, c!), mul(gates.i, gates.g));
    const tanhC = tanh(next);
    return { state: [mul(gates.o, tanhC), next], values: { ...gates, tanhC } };
  },
  stepBackward({ i, f, g, o, tanhC }, [, c], [dh, dcNext]) {
    const dc = add(dcNext!, mul(mul(dh!, o), sub(1, mul(tanhC, tanhC))));
    const dSums = concat(
      [
        mul(mul(dc, g), mul(i, sub(1, i))),
        mul(mul(dc, c!), mul(f, sub(1, f))),
        mul(mul(dc, i), sub(1, mul(g, g))),
        mul(mul(dh!, tanhC), mul(o, sub(1, o))),
      ],
      1,
    );
    return { dInput: dSums, dRecurrent: dSums, dState: [undefined, mul(dc, f)] };
  },
};
