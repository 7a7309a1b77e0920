import { ConfigError, type Key } from '@dl/core';
import { checks } from '@dl/core/nn';
import { type Heap, stack, type Tensor } from '@dl/core/ops';
import { lstmCell } from './cells/lstm-cell';
import { type LSTMVariant, lstmVariantCell } from './cells/lstm-variant-cell';
import { kernels } from './kernels';
import { lstmSequence } from './ops/lstm-sequence';
import { type LayerWeights, Recurrent, type RecurrentConfig, type RecurrentOutput, type StepStates } from './recurrent';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';

/** Options of `LSTM`. The variants may be combined; they run step by step, without the fused kernels. */
export interface LSTMConfig extends RecurrentConfig {
  /** Size of the hidden state, where it is a projection of what the cell shows; smaller than `hidden`. @default none */
  projSize?: number;
  /**
   * Whether the sums of the inputs, those of the recurrence, and the cell state on its way out are layer-normalised. Ba et
   * al. 2016. Parameters `layernorm_i_l0.weight`, `.bias` and the same for `layernorm_h` and `layernorm_c`.
   * @default false
   */
  layerNorm?: boolean;
  /**
   * Whether the gates see the cell state. Gers et al. 2002. Parameters `weight_ci_l0`, `weight_cf_l0`, `weight_co_l0`
   * `[hidden]`, from 0 on.
   * @default false
   */
  peephole?: boolean;
  /**
   * Whether what is forgotten makes room for what is let in, i = 1 - f: three gates f, g, o instead of four. Greff et al.
   * 2017.
   * @default false
   */
  coupled?: boolean;
  /**
   * The longest time that something may have to be kept, in steps: the biases of the gates begin so that the cells forget
   * over times up to that, drawn evenly on a logarithmic scale, `bf = ln(u)`, `bi = -bf`, u from U(1, chrono - 1). Tallec and
   * Ollivier 2018.
   * @default none: biases as in PyTorch
   */
  chrono?: number;
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
  readonly layerNorm: boolean;
  readonly peephole: boolean;
  readonly coupled: boolean;

  /** @throws ConfigError for sizes that are no positive integers, and for a projection that is not smaller than hidden */
  constructor(config: LSTMConfig) {
    const { hidden, layerNorm = false, peephole = false, coupled = false } = config;
    const gates = coupled ? 3 : 4;
    const norm = (name: string, size: number) => ({
      [`${name}.weight`]: { size, value: 1 },
      [`${name}.bias`]: { size, value: 0 },
    });
    super(config, {
      gates,
      states: 2,
      projSize: config.projSize,
      fused: !(layerNorm || peephole || coupled),
      extra: {
        ...(layerNorm && {
          ...norm('layernorm_i', gates * hidden),
          ...norm('layernorm_h', gates * hidden),
          ...norm('layernorm_c', hidden),
        }),
        ...(peephole && {
          ...(!coupled && { weight_ci: { size: hidden, value: 0 } }),
          weight_cf: { size: hidden, value: 0 },
          weight_co: { size: hidden, value: 0 },
        }),
      },
    });
    this.layerNorm = layerNorm;
    this.peephole = peephole;
    this.coupled = coupled;
    if (config.chrono !== undefined) this.#keepFor(config.chrono, config.key);
  }

  /** Sets the biases of the forget and the input gates. */
  #keepFor(time: number, key: Key): void {
    checks.checkNumber(this, 'chrono', time, { min: 3 });
    const biases = [...this.parameters()].filter(([name]) => name.startsWith('bias_hh'));
    if (biases.length === 0) throw new ConfigError(this.where, 'chrono sets biases, and bias is false');
    for (const [name, param] of biases) {
      const values = (param.value.dataSync() as Float32Array).slice();
      const times = key.child(`chrono ${name}`).uniform(this.hidden, { min: 1, max: time - 1 });
      for (const [i, steps] of times.entries()) {
        values[(this.coupled ? 0 : this.hidden) + i] = Math.log(steps);
        if (!this.coupled) values[i] = -Math.log(steps);
      }
      param.assign(values);
    }
  }

  protected fused(inputs: SequenceInputs, attrs: SequenceAttrs) {
    return lstmSequence(inputs, attrs);
  }

  protected cell(extra: Readonly<Record<string, Tensor>>) {
    if (!(this.layerNorm || this.peephole || this.coupled)) return lstmCell;
    const norm = (name: string) => ({ weight: extra[`${name}.weight`]!, bias: extra[`${name}.bias`]! });
    const variant: LSTMVariant = {
      coupled: this.coupled,
      ...(this.layerNorm && {
        layerNorm: { input: norm('layernorm_i'), recurrent: norm('layernorm_h'), cell: norm('layernorm_c') },
      }),
      ...(this.peephole && { peephole: { i: extra.weight_ci, f: extra.weight_cf!, o: extra.weight_co! } }),
    };
    return lstmVariantCell(variant);
  }

  protected fusedStep(heap: Heap, batch: number, x: number, weights: LayerWeights, states: StepStates): void {
    const { weightIh, weightHh, weightHr } = weights;
    const { hidden, size } = this;
    const { lstmStep, gemmScratch } = kernels.on(heap);
    const inputs = weightIh.shape[1]!;
    const gates = 4 * batch * 5 * hidden;
    heap.scratch(gates + gemmScratch(batch, 4 * hidden, Math.max(inputs, hidden)), (scratch) =>
      lstmStep(
        batch,
        inputs,
        hidden,
        size,
        x,
        heap.address(weightIh),
        heap.address(weightHh),
        weights.biasIh ? heap.address(weights.biasIh) : 0,
        weights.biasHh ? heap.address(weights.biasHh) : 0,
        weightHr ? heap.address(weightHr) : 0,
        states.h0,
        states.c0,
        scratch,
        scratch + 4 * batch * 4 * hidden,
        states.c,
        states.h,
        scratch + gates,
      ),
    );
  }

  protected result(output: RecurrentOutput, cells: Tensor[]): LSTMOutput {
    return { ...output, c: stack(cells) };
  }
}
