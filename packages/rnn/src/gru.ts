import type { Heap } from '@dl/core/ops';
import { gruCell, gruResetBeforeCell } from './cells/gru-cell';
import { kernels } from './kernels';
import { gruSequence } from './ops/gru-sequence';
import { type LayerWeights, Recurrent, type RecurrentConfig, type RecurrentOutput, type StepStates } from './recurrent';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';

/** Options of `GRU`. */
export interface GRUConfig extends RecurrentConfig {
  /**
   * Whether the reset gate comes after the product with the hidden state, as in PyTorch and cuDNN, or before it, as in
   * the paper; Keras's `reset_after`. Before it, sequences run step by step, without the fused kernels.
   * @default true
   */
  resetAfter?: boolean;
}

/**
 * Gated recurrent unit: the lighter LSTM, without a cell state. Cho et al. 2014, with the reset gate after the product as
 * in PyTorch's `nn.GRU` and cuDNN; the batch first.
 *
 * ```
 * r = sigmoid(x Wr^T + br + h Ur^T + cr)     n = tanh(x Wn^T + bn + r (h Un^T + cn))
 * z = sigmoid(x Wz^T + bz + h Uz^T + cz)     h' = (1 - z) n + z h
 * ```
 *
 * With `resetAfter: false` the reset gate comes before the product, as in the paper: `n = tanh(x Wn^T + bn + (r h) Un^T + cn)`.
 *
 * `[batch, time, in]` to `{ output, last, h }`. Weights, in the order r, z, n: `weight_ih_l0` `[3 * hidden, in]`,
 * `weight_hh_l0` `[3 * hidden, hidden]`, `bias_ih_l0`, `bias_hh_l0` `[3 * hidden]`.
 */
export class GRU extends Recurrent<RecurrentOutput> {
  readonly resetAfter: boolean;

  /** @throws ConfigError for sizes that are no positive integers */
  constructor(config: GRUConfig) {
    const { resetAfter = true } = config;
    super(config, { gates: 3, states: 1, fused: resetAfter });
    this.resetAfter = resetAfter;
  }

  protected fused(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return gruSequence(inputs, attrs);
  }

  protected cell() {
    return this.resetAfter ? gruCell : gruResetBeforeCell;
  }

  protected fusedStep(heap: Heap, batch: number, x: number, weights: LayerWeights, { h0, h }: StepStates): void {
    const { hidden } = this;
    const { gruStep, gemmScratch } = kernels.on(heap);
    const inputs = weights.weightIh.shape[1]!;
    const gates = 4 * batch * 7 * hidden;
    heap.scratch(gates + gemmScratch(batch, 3 * hidden, Math.max(inputs, hidden)), (scratch) =>
      gruStep(
        batch,
        inputs,
        hidden,
        x,
        heap.address(weights.weightIh),
        heap.address(weights.weightHh),
        weights.biasIh ? heap.address(weights.biasIh) : 0,
        weights.biasHh ? heap.address(weights.biasHh) : 0,
        h0,
        scratch,
        scratch + 4 * batch * 4 * hidden,
        h,
        scratch + gates,
      ),
    );
  }

  protected result(output: RecurrentOutput): RecurrentOutput {
    return output;
  }
}
