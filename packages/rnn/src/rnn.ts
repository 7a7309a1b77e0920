import { ConfigError } from '@dl/core';
import type { Heap } from '@dl/core/ops';
import { type Nonlinearity, rnnCell } from './cells/rnn-cell';
import { kernels } from './kernels';
import { rnnSequence } from './ops/rnn-sequence';
import { type LayerWeights, Recurrent, type RecurrentConfig, type RecurrentOutput, type StepStates } from './recurrent';
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
    super(config, { gates: 1, states: 1 });
    const { nonlinearity = 'tanh' } = config;
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
      throw new ConfigError(this.where, `nonlinearity must be 'tanh' or 'relu', it is '${String(nonlinearity)}'`);
    }
    this.nonlinearity = nonlinearity;
  }

  protected fused(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return rnnSequence(inputs, { ...attrs, nonlinearity: this.nonlinearity });
  }

  protected cell() {
    return rnnCell(this.nonlinearity);
  }

  protected fusedStep(heap: Heap, batch: number, x: number, weights: LayerWeights, { h0, h }: StepStates): void {
    const { hidden } = this;
    const { rnnStep, gemmScratch } = kernels.on(heap);
    const inputs = weights.weightIh.shape[1]!;
    heap.scratch(gemmScratch(batch, hidden, Math.max(inputs, hidden)), (scratch) =>
      rnnStep(
        batch,
        inputs,
        hidden,
        x,
        heap.address(weights.weightIh),
        heap.address(weights.weightHh),
        weights.biasIh ? heap.address(weights.biasIh) : 0,
        weights.biasHh ? heap.address(weights.biasHh) : 0,
        h0,
        h,
        this.nonlinearity === 'relu' ? 1 : 0,
        scratch,
      ),
    );
  }

  protected result(output: RecurrentOutput): RecurrentOutput {
    return output;
  }
}
