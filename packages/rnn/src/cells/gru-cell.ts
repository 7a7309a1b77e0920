import { add, concat, linear, mul, sigmoid, slice, split, sub, type Tensor, tanh } from '@dl/core/ops';
import { type Cell, recurrentSums } from './cell';

interface Values {
  r: Tensor;
  z: Tensor;
  n: Tensor;
  /** The recurrent part of n, before the reset gate. */
  u: Tensor;
}

/**
 * The gated recurrent unit (Cho et al. 2014), with the reset gate after the product as in PyTorch and cuDNN:
 *
 * ```
 * r = sigmoid(x Wr^T + br + h Ur^T + cr)     what of the past the candidate sees
 * z = sigmoid(x Wz^T + bz + h Uz^T + cz)     what of the past is kept
 * u = h Un^T + cn
 * n = tanh(x Wn^T + bn + r u)                the candidate
 * h' = (1 - z) n + z h
 * ```
 *
 * Backward, from dh':
 *
 * ```
 * dn = dh' (1 - z) (1 - n^2)     dz = dh' (h - n) z (1 - z)     dr = dn u r (1 - r)     du = dn r     dh = dh' z
 * sums of the input: dr, dz, dn     sums of the recurrence: dr, dz, du
 * ```
 */
export const gruCell: Cell<Values> = {
  step(x, [h], w) {
    const [xr, xz, xn] = split(linear(x, w.weightIh, w.biasIh), 3, 1) as [Tensor, Tensor, Tensor];
    const [hr, hz, u] = split(recurrentSums(h!, w), 3, 1) as [Tensor, Tensor, Tensor];
    const r = sigmoid(add(xr, hr));
    const z = sigmoid(add(xz, hz));
    const n = tanh(add(xn, mul(r, u)));
    return { state: [add(mul(sub(1, z), n), mul(z, h!))], values: { r, z, n, u } };
  },
  stepBackward({ r, z, n, u }, [h], [dh]) {
    const dn = mul(mul(dh!, sub(1, z)), sub(1, mul(n, n)));
    const dz = mul(mul(dh!, sub(h!, n)), mul(z, sub(1, z)));
    const dr = mul(mul(dn, u), mul(r, sub(1, r)));
    return {
      dInput: concat([dr, dz, dn], 1),
      dRecurrent: concat([dr, dz, mul(dn, r)], 1),
      dState: [mul(dh!, z)],
    };
  },
};

/**
 * The gated recurrent unit as the paper has it, with the reset gate before the product (Cho et al. 2014, Keras's
 * `reset_after=False`):
 *
 * ```
 * r = sigmoid(x Wr^T + br + h Ur^T + cr)
 * z = sigmoid(x Wz^T + bz + h Uz^T + cz)
 * n = tanh(x Wn^T + bn + (r h) Un^T + cn)
 * h' = (1 - z) n + z h
 * ```
 */
export const gruResetBeforeCell: Pick<Cell<unknown>, 'step'> = {
  step(x, [h], w) {
    const hidden = w.weightHh.shape[1]!;
    const [input, n] = [linear(x, w.weightIh, w.biasIh), 2 * hidden];
    const seen = w.mask ? mul(h!, w.mask) : h!;
    const rows = (matrix: Tensor, from: number, count: number) =>
      matrix.rank === 1 ? slice(matrix, from, count) : slice(matrix, [from, 0], [count, -1]);
    const recurrent = (state: Tensor, from: number, count: number) =>
      linear(state, rows(w.weightHh, from, count), w.biasHh && rows(w.biasHh, from, count));
    const gates = sigmoid(add(slice(input, [0, 0], [-1, n]), recurrent(seen, 0, n)));
    const [r, z] = split(gates, 2, 1) as [Tensor, Tensor];
    const candidate = tanh(add(slice(input, [0, n], [-1, hidden]), recurrent(mul(r, seen), n, hidden)));
    return { state: [add(mul(sub(1, z), candidate), mul(z, h!))], values: undefined };
  },
};
