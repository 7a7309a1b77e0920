import { ConfigError } from '@dl/core';
import type { Tensor } from '@dl/core/ops';
import { type Nonlinearity, rnnCell } from './cells/rnn-cell';
import { rnnSequence } from './ops/rnn-sequence';
import { Recurrent, type RecurrentConfig, type RecurrentOutput } from './recurrent';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';

/** Options of `RNN`. */
export interface RNNConfig extends RecurrentConfig {
  /** What is applied to the sums. @default 'tanh' */
  nonlinearity?: Nonlinearity;
}

/**
 * The plain recurrent network: `h' = act(x W^T + b + h U^T + c)`. Its gradients fade, or grow, with every step back.
 * Elman 1990, PyTorch's `nn.RNN` with the batch first.
 *
 * `[batch, time, in]` to `{ output, last, h }`. Weights: `weight_ih_l0` `[hidden, in]`, `weight_hh_l0` `[hidden, hidden]`,
 * `bias_ih_l0`, `bias_hh_l0` `[hidden]`.
 */
export class RNN extends Recurrent<RecurrentOutput> {
  readonly nonlinearity: Nonlinearity;

  /** @throws ConfigError for sizes that are no positive integers, and for another nonlinearity */
  constructor(config: RNNConfig) {
    super(config, 1);
    const { nonlinearity = 'tanh' } = config;
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
      throw new ConfigError(this.where, `nonlinearity must be 'tanh' or 'relu', it is '${String(nonlinearity)}'`);
    }
    this.nonlinearity = nonlinearity;
  }

  protected run(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return rnnSequence(inputs, { ...attrs, nonlinearity: this.nonlinearity });
  }

  protected result(output: RecurrentOutput): RecurrentOutput {
    return output;
  }

  protected cell(x: Tensor, [h]: readonly Tensor[], weights: Omit<SequenceInputs, 'x'>): Tensor[] {
    return rnnCell(this.nonlinearity).step(x, [h!], weights).state;
  }
}
