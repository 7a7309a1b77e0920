import { add, linear, mul, type Tensor } from '@dl/core/ops';

/** The weights of a cell, in PyTorch's layout; the gates one after the other. */
export type CellWeights = {
  /** [gates * hidden, in] */
  weightIh: Tensor;
  /** [gates * hidden, hidden] */
  weightHh: Tensor;
  /** [gates * hidden] */
  biasIh?: Tensor | undefined;
  /** [gates * hidden] */
  biasHh?: Tensor | undefined;
  /** [projSize, hidden] from what the cell shows to the hidden state; of the LSTM only. */
  weightHr?: Tensor | undefined;
  /** [batch, hidden] what the hidden state is multiplied by on its way into the gates: recurrent dropout. */
  mask?: Tensor | undefined;
};

/**
 * A recurrent cell as equations: one step forward and the same step backward, out of tensor operations. It is the
 * readable form of the sequence kernels and what they are tested against.
 *
 * The state is a list of tensors [batch, hidden] whose first is the hidden state. `Values` is what backward needs.
 */
export interface Cell<Values> {
  /** The next state. */
  step(x: Tensor, state: readonly Tensor[], weights: CellWeights): { state: Tensor[]; values: Values };
  /** From the gradients of the next state those of the sums, and of the present state past the recurrent product. */
  stepBackward(
    values: Values,
    state: readonly Tensor[],
    dNext: readonly Tensor[],
  ): {
    /** The gradient of x W^T + b, [batch, gates * hidden]. */
    dInput: Tensor;
    /** The gradient of h U^T + c; the same as dInput unless the cell does more than add the two. */
    dRecurrent: Tensor;
    /** The gradient that reaches each part of the present state directly; undefined: none. */
    dState: (Tensor | undefined)[];
  };
}

/** h U^T + c: what the hidden state contributes to the gates. */
export function recurrentSums(h: Tensor, { weightHh, biasHh, mask }: CellWeights): Tensor {
  return linear(mask ? mul(h, mask) : h, weightHh, biasHh);
}

/** x W^T + b + h U^T + c: what most cells feed their gates. */
export function gateSums(x: Tensor, h: Tensor, w: CellWeights): Tensor {
  return add(linear(x, w.weightIh, w.biasIh), recurrentSums(h, w));
}
