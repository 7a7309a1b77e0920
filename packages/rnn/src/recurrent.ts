import {
  ConfigError,
  type Context,
  EVAL,
  type Key,
  type Member,
  Module,
  Param,
  type Shape,
  ShapeError,
} from '@dl/core';
import { checks } from '@dl/core/nn';
import { concat, dropout, reshape, stack, Tensor, tensor, unstack } from '@dl/core/ops';
import type { SequenceAttrs, SequenceInputs } from './sequence/composed';
import { fullPlan, type Plan, planSequences } from './sequence/plan';

/** Options that all recurrent layers share. */
export interface RecurrentConfig {
  /** Features of the input. */
  in: number;
  /** Size of the hidden state. */
  hidden: number;
  /** Layers on top of each other, each fed with the outputs of the one below. @default 1 */
  layers?: number;
  /** Whether a second network reads each sequence from its end; the outputs stand side by side. @default false */
  bidirectional?: boolean;
  /** Whether each sequence is read from its end; not together with `bidirectional`. @default false */
  reverse?: boolean;
  /** Whether the gates have biases, two each as in PyTorch. @default true */
  bias?: boolean;
  /** The chance that an output is dropped on its way to the next layer, in training. @default 0 */
  dropout?: number;
  /** Keep no gates for the backward pass, but compute them again: a third of the memory for a third more time. @default false */
  recompute?: boolean;
  /** Draws the weights. */
  key: Key;
}

/** The states of all layers and directions, `[layers * directions, batch, size]`, in PyTorch's order. */
export interface RecurrentState {
  /** Hidden states. */
  h: Tensor;
  /** Cell states; of the LSTM only. */
  c?: Tensor;
}

/** What a recurrent layer gives. */
export type RecurrentOutput = {
  /** The hidden states of the top layer at every step, `[batch, time, size * directions]`; 0 where a step is padding. */
  output: Tensor;
  /** The same after the last step of each sequence, `[batch, size * directions]`. */
  last: Tensor;
  /** The last hidden states, `[layers * directions, batch, size]`. */
  h: Tensor;
};

/** One direction over a batch of sequences, and the states that it ends in. */
export type Direction = { output: Tensor; h: Tensor; c?: Tensor };

/** Weights of one layer and direction, drawn as PyTorch does, from U(-1 / sqrt(hidden), 1 / sqrt(hidden)). */
type Weights = Record<string, Param>;

/** What `RNN`, `LSTM` and `GRU` have in common: weights with PyTorch's names, stacking, directions, lengths. */
export abstract class Recurrent<Out extends RecurrentOutput> extends Module<Tensor, Out> {
  readonly in: number;
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly reverse: boolean;
  readonly dropout: number;
  readonly recompute: boolean;
  /** Size of the hidden state as others see it. */
  readonly size: number;
  readonly #weights: Weights = {};

  constructor(config: RecurrentConfig, gates: number, projSize?: number) {
    super();
    const { in: inputs, hidden, layers = 1, bidirectional = false, reverse = false, bias = true, key } = config;
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'hidden', hidden);
    checks.checkSize(this, 'layers', layers);
    checks.checkNumber(this, 'dropout', config.dropout ?? 0, { min: 0, below: 1 });
    if (bidirectional && reverse) {
      throw new ConfigError(this.where, 'bidirectional and reverse are both set', 'both directions are read anyway');
    }
    if (projSize !== undefined) {
      checks.checkSize(this, 'projSize', projSize);
      if (projSize >= hidden) {
        throw new ConfigError(this.where, `projSize must be smaller than hidden (${hidden}), it is ${projSize}`);
      }
    }
    this.in = inputs;
    this.hidden = hidden;
    this.layers = layers;
    this.bidirectional = bidirectional;
    this.reverse = reverse;
    this.dropout = config.dropout ?? 0;
    this.recompute = config.recompute ?? false;
    this.size = projSize ?? hidden;
    const bound = 1 / Math.sqrt(hidden);
    for (const suffix of this.#suffixes()) {
      const below = suffix.startsWith('_l0') ? inputs : this.size * this.directions;
      const shapes: Record<string, number[]> = {
        weight_ih: [gates * hidden, below],
        weight_hh: [gates * hidden, this.size],
        ...(bias && { bias_ih: [gates * hidden], bias_hh: [gates * hidden] }),
        ...(projSize !== undefined && { weight_hr: [projSize, hidden] }),
      };
      for (const [kind, shape] of Object.entries(shapes)) {
        const name = `${kind}${suffix}`;
        const values = key.child(name).uniform(shape, { min: -bound, max: bound });
        this.#weights[name] = new Param(tensor(values, shape));
      }
    }
  }

  /** 2 if bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** The parameters, by PyTorch's names: `weight_ih_l0_reverse`. */
  override *members(): Iterable<[string, Member]> {
    yield* Object.entries(this.#weights);
  }

  /** One direction of one layer. */
  protected abstract run(inputs: SequenceInputs, attrs: SequenceAttrs): Direction;

  /** Puts the results together. */
  protected abstract result(output: RecurrentOutput, cells: Tensor[]): Out;

  /** One step of one layer, out of tensor operations. */
  protected abstract cell(x: Tensor, state: readonly Tensor[], weights: Omit<SequenceInputs, 'x'>): Tensor[];

  /**
   * Reads whole sequences.
   *
   * @param x `[batch, time, in]`
   * @param ctx `lengths` or `mask` `[batch, time]` tell which steps are real: padded ones cost nothing and influence nothing
   * @param state where the layers begin; zeros where none is given
   * @throws ShapeError for another number of features, or a state of another shape; ConfigError for lengths outside of
   *   0 to time
   */
  forward(x: Tensor, ctx: Context = EVAL, state?: RecurrentState): Out {
    checks.checkFloat(this, x);
    checks.checkRank(this, x.shape, 'batch', 3, 3);
    checks.checkLastAxis(this, x.shape, 'batch', { size: this.in, axis: 'features', option: 'in' });
    const [batch, time] = x.shape as [number, number, number];
    const { h: h0, c: c0 } = this.#states(state, batch);
    const suffixes = this.#suffixes();
    const plans = new Map<boolean, Plan>();
    let input = x;
    const hs: Tensor[] = [];
    const cs: Tensor[] = [];
    for (let layer = 0; layer < this.layers; layer++) {
      if (layer > 0 && this.dropout > 0 && ctx.train) {
        input = dropout(input, { rate: this.dropout, key: this.keyOf(ctx).fold(layer) });
      }
      const outputs: Tensor[] = [];
      for (let d = 0; d < this.directions; d++) {
        const reverse = this.reverse || d === 1;
        const plan = plans.get(reverse) ?? this.#plan(batch, time, ctx, reverse);
        plans.set(reverse, plan);
        const at = layer * this.directions + d;
        const weights = this.#weightsOf(suffixes[at]!);
        const { output, h, c } = this.run(
          { x: input, ...weights, h0: h0[at], c0: c0[at] },
          { plan, reverse, recompute: this.recompute },
        );
        outputs.push(output);
        hs.push(h);
        if (c) cs.push(c);
      }
      input = outputs.length === 1 ? outputs[0]! : concat(outputs, 2);
    }
    const top = hs.slice(-this.directions);
    const last = top.length === 1 ? reshape(top[0]!, [batch, this.size]) : concat(top, 1);
    return this.result({ output: input, last, h: stack(hs) }, cs);
  }

  /**
   * One step in time: what `forward` does for sequences of one step, as the equations of the cell.
   *
   * @param x `[batch, in]`
   * @param state the state before; zeros where none is given
   * @returns the output `[batch, size]` and the state after
   * @throws ConfigError for a bidirectional layer, which cannot be read step by step
   */
  step(x: Tensor, state?: RecurrentState): { output: Tensor; state: RecurrentState } {
    if (this.bidirectional || this.reverse) {
      throw new ConfigError(this.where, 'it reads sequences from their end, which a step does not know', 'use forward');
    }
    checks.checkFloat(this, x);
    checks.checkRank(this, x.shape, 'batch', 2, 2);
    checks.checkLastAxis(this, x.shape, 'batch', { size: this.in, axis: 'features', option: 'in' });
    const batch = x.shape[0];
    const before = this.#states(state, batch);
    const after: Tensor[][] = [];
    let input = x;
    for (const [layer, suffix] of this.#suffixes().entries()) {
      const zeros = (size: number) => tensor(new Float32Array(batch * size), [batch, size]);
      const parts = [before.h[layer] ?? zeros(this.size), before.c[layer] ?? zeros(this.hidden)];
      const next = this.cell(input, parts, this.#weightsOf(suffix));
      after.push(next);
      input = next[0]!;
    }
    const h = stack(after.map((parts) => parts[0]!));
    const c = after[0]!.length > 1 ? stack(after.map((parts) => parts[1]!)) : undefined;
    return { output: input, state: { h, ...(c && { c }) } };
  }

  /** `[time, in]` to `[time, size * directions]` */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 3, 3);
    checks.checkLastAxis(this, input, 'example', { size: this.in, axis: 'features', option: 'in' });
    return [input[0]!, this.size * this.directions];
  }

  /** `_l0`, `_l0_reverse`, `_l1`, ... */
  #suffixes(): string[] {
    return Array.from({ length: this.layers }, (_, layer) =>
      this.bidirectional ? [`_l${layer}`, `_l${layer}_reverse`] : [`_l${layer}`],
    ).flat();
  }

  #weightsOf(suffix: string): Omit<SequenceInputs, 'x'> {
    const of = (kind: string) => this.#weights[`${kind}${suffix}`]?.value;
    return {
      weightIh: of('weight_ih')!,
      weightHh: of('weight_hh')!,
      biasIh: of('bias_ih'),
      biasHh: of('bias_hh'),
      weightHr: of('weight_hr'),
    };
  }

  /** The states of each layer and direction; empty lists where none are given. */
  #states(state: RecurrentState | undefined, batch: number): { h: Tensor[]; c: Tensor[] } {
    const split = (label: string, part: Tensor | undefined, size: number): Tensor[] => {
      if (part === undefined) return [];
      const wanted = [this.layers * this.directions, batch, size];
      if (part.rank !== 3 || part.shape.some((length, i) => length !== wanted[i])) {
        throw new ShapeError(this.where, `the state ${label} has another shape than the layer and the batch ask for`, [
          { label, shape: part.shape },
          { label: 'wanted', shape: wanted, axes: ['layers*directions', 'batch', 'size'] },
        ]);
      }
      // tfjs's gradient of unstack fails where there is only one part.
      return wanted[0] === 1 ? [reshape(part, [batch, size])] : unstack(part);
    };
    return { h: split('h', state?.h, this.size), c: split('c', state?.c, this.hidden) };
  }

  #plan(batch: number, time: number, { lengths, mask }: Context, reverse: boolean): Plan {
    if (lengths !== undefined) {
      const steps = lengths instanceof Tensor ? Array.from(lengths.dataSync()) : lengths;
      if (steps.length !== batch) {
        throw new ShapeError(this.where, `${steps.length} lengths are given for ${batch} sequences`);
      }
      const wrong = steps.find((length) => !Number.isInteger(length) || length < 0 || length > time);
      if (wrong !== undefined) {
        throw new ConfigError(this.where, `a length must be an integer from 0 to ${time}, one is ${wrong}`);
      }
      return planSequences(batch, time, { lengths: steps }, reverse);
    }
    if (mask !== undefined) {
      if (mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== time) {
        throw new ShapeError(this.where, 'the mask must have a number for each step', [
          { label: 'mask', shape: mask.shape },
          { label: 'wanted', shape: [batch, time], axes: ['batch', 'time'] },
        ]);
      }
      return planSequences(batch, time, { mask: mask.dataSync() }, reverse);
    }
    return fullPlan(batch, time, reverse);
  }
}
