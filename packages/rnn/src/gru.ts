import type { Tensor } from '@dl/core/ops';
import { gruCell } from './cells/gru-cell';
import { gruSequence } from './ops/gru-sequence';
import { Recurrent, type RecurrentConfig, type RecurrentOutput } from './recurrent';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';

/**
 * Gated recurrent unit: the lighter LSTM, without a cell state. Cho et al. 2014, with the reset gate after the product as
 * in PyTorch's `nn.GRU` and cuDNN; the batch first.
 *
 * ```
 * r = sigmoid(x Wr^T + br + h Ur^T + cr)     n = tanh(x Wn^T + bn + r (h Un^T + cn))
 * z = sigmoid(x Wz^T + bz + h Uz^T + cz)     h' = (1 - z) n + z h
 * ```
 *
 * `[batch, time, in]` to `{ output, last, h }`. Weights, in the order r, z, n: `weight_ih_l0` `[3 * hidden, in]`,
 * `weight_hh_l0` `[3 * hidden, hidden]`, `bias_ih_l0`, `bias_hh_l0` `[3 * hidden]`.
 */
export class GRU extends Recurrent<RecurrentOutput> {
  /** @throws ConfigError for sizes that are no positive integers */
  constructor(config: RecurrentConfig) {
    super(config, 3);
  }

  protected run(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return gruSequence(inputs, attrs);
  }

  protected result(output: RecurrentOutput): RecurrentOutput {
    return output;
  }

  protected cell(x: Tensor, [h]: readonly Tensor[], weights: Omit<SequenceInputs, 'x'>): Tensor[] {
    return gruCell.step(x, [h!], weights).state;
  }
}
