import type { Key } from '@dl/core';
import { linear, stack, type Tensor } from '@dl/core/ops';
import { lstmCell } from './cells/lstm-cell';
import { lstmSequence } from './ops/lstm-sequence';
import { Recurrent, type RecurrentConfig, type RecurrentOutput } from './recurrent';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';

/** Options of `LSTM`. */
export interface LSTMConfig extends RecurrentConfig {
  /** Size of the hidden state, where it is a projection of what the cell shows; smaller than `hidden`. @default none */
  projSize?: number;
  /** Draws the weights. */
  key: Key;
}

/** What an LSTM gives. */
export type LSTMOutput = RecurrentOutput & {
  /** The last cell states, `[layers * directions, batch, hidden]`. */
  c: Tensor;
};

/**
 * Long short-term memory: a cell state beside the hidden state, written and read through gates, so that gradients reach
 * far back. Hochreiter and Schmidhuber 1997, the forget gate of Gers et al. 2000, PyTorch's `nn.LSTM` with the batch first.
 *
 * ```
 * i = sigmoid(x Wi^T + h Ui^T + b)     g = tanh(x Wg^T + h Ug^T + b)     c' = f c + i g
 * f = sigmoid(x Wf^T + h Uf^T + b)     o = sigmoid(x Wo^T + h Uo^T + b)  h' = o tanh(c')
 * ```
 *
 * `[batch, time, in]` to `{ output, last, h, c }`. Weights, in the order i, f, g, o: `weight_ih_l0` `[4 * hidden, in]`,
 * `weight_hh_l0` `[4 * hidden, hidden]`, `bias_ih_l0`, `bias_hh_l0` `[4 * hidden]`, `weight_hr_l0` `[projSize, hidden]`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { LSTM } from '@dl/rnn';
 *
 * await init();
 * const lstm = new LSTM({ in: 3, hidden: 5, layers: 2, bidirectional: true, key: key(0) });
 * const { output, last } = lstm.predict(ones([2, 7, 3]));
 * output.shape; // [2, 7, 10]
 * last.shape; // [2, 10]
 * ```
 */
export class LSTM extends Recurrent<LSTMOutput> {
  /** @throws ConfigError for sizes that are no positive integers, and for a projection that is not smaller than hidden */
  constructor(config: LSTMConfig) {
    super(config, 4, config.projSize);
  }

  protected run(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return lstmSequence(inputs, attrs);
  }

  protected result(output: RecurrentOutput, cells: Tensor[]): LSTMOutput {
    return { ...output, c: stack(cells) };
  }

  protected cell(x: Tensor, state: readonly Tensor[], weights: Omit<SequenceInputs, 'x'>): Tensor[] {
    const { state: next } = lstmCell.step(x, state, weights);
    if (weights.weightHr) next[0] = linear(next[0]!, weights.weightHr);
    return next;
  }
}
