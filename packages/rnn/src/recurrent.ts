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
import {
  concat,
  dropout,
  type Heap,
  heapForInference,
  linear,
  ones,
  reshape,
  stack,
  Tensor,
  tensor,
  unstack,
  zeros,
} from '@dl/core/ops';
import type { Cell } from './cells/cell';
import { composedForward, type SequenceAttrs, type SequenceInputs, type Zoneout, zoned } from './sequence/composed';
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
  /**
   * The chance that an element of the hidden state is hidden from the gates, in training: the same elements at every step
   * of a sequence. Gal and Ghahramani 2016, Keras's `recurrent_dropout`.
   * @default 0
   */
  recurrentDropout?: number;
  /**
   * The chance that an element of the state stays what it was, at each step, in training; in evaluation the state moves by
   * the remaining share. Krueger et al. 2017. Runs step by step, without the fused kernels.
   * @default 0
   */
  zoneout?: number | { h?: number; c?: number };
  /**
   * Keep only the states at about the root of the number of steps for the backward pass, and compute the rest again: a
   * fifth of the memory for a third more time.
   * @default false
   */
  recompute?: boolean;
  /** Draws the weights. */
  key: Key;
}

/** The states of all layers and directions, `[layers * directions, batch, size]`, in PyTorch's order. */
export type RecurrentState = {
  /** Hidden states. */
  h: Tensor;
  /** Cell states; of the LSTM only. */
  c?: Tensor;
};

/** What a recurrent layer gives. */
export type RecurrentOutput = {
  /** The hidden states of the top layer at every step, `[batch, time, size * directions]`; 0 where a step is padding. */
  output: Tensor;
  /** The same after the last step of each sequence, `[batch, size * directions]`. */
  last: Tensor;
  /** The last hidden states, `[layers * directions, batch, size]`. */
  h: Tensor;
};

/** Addresses of the states of a layer before and after a step; of c only where there is a cell state. */
export interface StepStates {
  h0: number;
  c0: number;
  h: number;
  c: number;
}

/** One direction over a batch of sequences, and the states that it ends in. */
export type Direction = { output: Tensor; h: Tensor; c?: Tensor };

/** The weights of one layer and direction. */
export type LayerWeights = Omit<SequenceInputs, 'x' | 'h0' | 'c0' | 'mask'>;

/** What a kind of layer is made of. */
export interface RecurrentKind {
  /** Gates, each with `hidden` rows of the weights. */
  gates: number;
  /** Tensors that make the state: the hidden state, and the cell state of the LSTM. */
  states: 1 | 2;
  /** Size of the hidden state, where that is a projection. */
  projSize?: number | undefined;
  /** Further parameters of each layer and direction, by the name before `_l0`, with the value they begin with. */
  extra?: Readonly<Record<string, { size: number; value: number }>>;
  /** Whether sequences can run as fused kernels. @default true */
  fused?: boolean;
}

/** What `RNN`, `LSTM` and `GRU` have in common: weights with PyTorch's names, stacking, directions, lengths. */
export abstract class Recurrent<Out extends RecurrentOutput> extends Module<Tensor, Out> {
  readonly in: number;
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly reverse: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly recompute: boolean;
  /** Size of the hidden state as others see it. */
  readonly size: number;
  readonly #weights: Record<string, Param> = {};
  readonly #kind: RecurrentKind;
  /** Zoneout of each state; empty where there is none. */
  readonly #zoneout: readonly number[];

  constructor(config: RecurrentConfig, kind: RecurrentKind) {
    super();
    this.#kind = kind;
    const { gates, projSize, extra = {} } = kind;
    const { in: inputs, hidden, layers = 1, bidirectional = false, reverse = false, bias = true, key } = config;
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'hidden', hidden);
    checks.checkSize(this, 'layers', layers);
    checks.checkNumber(this, 'dropout', config.dropout ?? 0, { min: 0, below: 1 });
    checks.checkNumber(this, 'recurrentDropout', config.recurrentDropout ?? 0, { min: 0, below: 1 });
    const { zoneout = 0 } = config;
    const rates = (typeof zoneout === 'number' ? [zoneout, zoneout] : [zoneout.h ?? 0, zoneout.c ?? 0]).slice(
      0,
      kind.states,
    );
    for (const rate of rates) checks.checkNumber(this, 'zoneout', rate, { min: 0, below: 1 });
    this.#zoneout = rates.some((rate) => rate > 0) ? rates : [];
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
    this.recurrentDropout = config.recurrentDropout ?? 0;
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
      for (const [kind, { size, value }] of Object.entries(extra)) {
        this.#weights[extraName(kind, suffix)] = new Param(tensor(new Float32Array(size).fill(value), [size]));
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

  /** One direction of one layer, as kernels. */
  protected abstract fused(inputs: SequenceInputs, attrs: SequenceAttrs): Direction;

  /** One step of one layer as equations; `extra` are the layer's further parameters. */
  protected abstract cell(extra: Readonly<Record<string, Tensor>>): Pick<Cell<unknown>, 'step'>;

  /** One step of one layer as a kernel: from the address of x [batch, below] and the states to the next states. */
  protected abstract fusedStep(heap: Heap, batch: number, x: number, weights: LayerWeights, states: StepStates): void;

  /** Puts the results together. */
  protected abstract result(output: RecurrentOutput, cells: Tensor[]): Out;

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
    const random = ctx.train && (this.recurrentDropout > 0 || this.#zoneout.length > 0) ? this.keyOf(ctx) : undefined;
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
        const suffix = suffixes[at]!;
        const mask =
          random && this.recurrentDropout > 0
            ? dropout(ones([batch, this.size]), { rate: this.recurrentDropout, key: random.child(`mask${suffix}`) })
            : undefined;
        const inputs = { x: input, ...this.#weightsOf(at), h0: h0[at], c0: c0[at], mask };
        const { output, h, c } = this.runDirection(
          inputs,
          { plan, reverse, recompute: this.recompute },
          suffix,
          random?.child(`zoneout${suffix}`),
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

  /** As `forward`, with the state after the last step by itself: for `truncatedBackprop`. */
  unroll(x: Tensor, ctx: Context = EVAL, state?: RecurrentState): { output: Tensor; state: RecurrentState } {
    const { output, h, c } = this.forward(x, ctx, state) as RecurrentOutput & { c?: Tensor };
    return { output, state: { h, ...(c && { c }) } };
  }

  /**
   * One step in time: what `forward` does for sequences of one step. Without a gradient it takes microseconds.
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
    this.#checkStates(state, x.shape[0]);
    const heap = this.#runsFused ? heapForInference() : undefined;
    return heap ? this.#stepKernels(heap, x, state) : this.#stepCells(x, state);
  }

  #stepCells(x: Tensor, state: RecurrentState | undefined) {
    const batch = x.shape[0];
    const before = this.#states(state, batch);
    const after: Tensor[][] = [];
    let input = x;
    for (const [layer, suffix] of this.#suffixes().entries()) {
      const weights = this.#weightsOf(layer);
      const parts = [before.h[layer] ?? zeros([batch, this.size])];
      if (this.#kind.states === 2) parts.push(before.c[layer] ?? zeros([batch, this.hidden]));
      const { state: next } = this.cell(this.#extraOf(suffix)).step(input, parts, weights);
      if (weights.weightHr) next[0] = linear(next[0]!, weights.weightHr);
      for (const [i, rate] of this.#zoneout.entries()) next[i] = zoned(parts[i]!, next[i]!, rate, undefined);
      after.push(next);
      input = next[0]!;
    }
    const h = stack(after.map((parts) => parts[0]!));
    const c = this.#kind.states === 2 ? stack(after.map((parts) => parts[1]!)) : undefined;
    return { output: input, state: { h, ...(c && { c }) } };
  }

  #stepKernels(heap: Heap, x: Tensor, state: RecurrentState | undefined) {
    const batch = x.shape[0];
    const h = heap.tensor([this.layers, batch, this.size]);
    const c = this.#kind.states === 2 ? heap.tensor([this.layers, batch, this.hidden]) : undefined;
    const output = heap.tensor([batch, this.size]);
    const [hBytes, cBytes] = [4 * batch * this.size, 4 * batch * this.hidden];
    heap.scratch(hBytes + cBytes, (none) => {
      if (!state?.h || (c && !state.c)) heap.floats(none, (hBytes + cBytes) / 4).fill(0);
      const h0 = state?.h ? heap.address(state.h) : undefined;
      const c0 = state?.c ? heap.address(state.c) : undefined;
      const [h1, c1] = [heap.address(h), c ? heap.address(c) : 0];
      let below = heap.address(x);
      for (let layer = 0; layer < this.layers; layer++) {
        const next = h1 + layer * hBytes;
        this.fusedStep(heap, batch, below, this.#weightsOf(layer), {
          h0: h0 === undefined ? none : h0 + layer * hBytes,
          c0: c0 === undefined ? none + hBytes : c0 + layer * cBytes,
          h: next,
          c: c1 + layer * cBytes,
        });
        below = next;
      }
      heap.floats(heap.address(output), output.size).set(heap.floats(below, output.size));
    });
    return { output, state: { h, ...(c && { c }) } };
  }

  /** `[time, in]` to `[time, size * directions]` */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 3, 3);
    checks.checkLastAxis(this, input, 'example', { size: this.in, axis: 'features', option: 'in' });
    return [input[0]!, this.size * this.directions];
  }

  /** What a sequence leaves for the backward pass: gates and states of every step, or at the ends of segments. */
  override keptBytes(input: Shape): number {
    const time = input[0]!;
    const { gates, states } = this.#kind;
    const perStep = (gates > 1 ? 4 : 0) * this.hidden + this.size + (states - 1) * this.hidden;
    const segments = Math.ceil(Math.sqrt(time));
    const kept = this.recompute && this.#runsFused ? (time > 0 ? Math.ceil(time / segments) : 0) * states : 0;
    const floats = this.recompute && this.#runsFused ? kept * this.hidden + segments * perStep : time * perStep;
    return 4 * floats * this.layers * this.directions;
  }

  /** `_l0`, `_l0_reverse`, `_l1`, ... */
  #suffixes(): string[] {
    return Array.from({ length: this.layers }, (_, layer) =>
      this.bidirectional ? [`_l${layer}`, `_l${layer}_reverse`] : [`_l${layer}`],
    ).flat();
  }

  get #runsFused(): boolean {
    return this.#kind.fused !== false && this.#zoneout.length === 0;
  }

  /**
   * One direction of one layer.
   *
   * @internal `gradientFlow` stands between
   */
  runDirection(inputs: SequenceInputs, attrs: SequenceAttrs, suffix: string, key: Key | undefined): Direction {
    if (this.#runsFused) return this.fused(inputs, attrs);
    const zoneout: Zoneout = { rates: this.#zoneout, key };
    const { output, state } = composedForward(
      this.cell(this.#extraOf(suffix)),
      inputs,
      this.#kind.states,
      attrs,
      zoneout,
    );
    return { output, h: state[0]!, ...(state[1] && { c: state[1] }) };
  }

  /** The weights of a layer and direction, by its place in the order of the states. */
  #weightsOf(at: number): LayerWeights {
    const suffix = this.#suffixes()[at]!;
    const of = (kind: string) => this.#weights[`${kind}${suffix}`]?.value;
    return {
      weightIh: of('weight_ih')!,
      weightHh: of('weight_hh')!,
      biasIh: of('bias_ih'),
      biasHh: of('bias_hh'),
      weightHr: of('weight_hr'),
    };
  }

  #extraOf(suffix: string): Record<string, Tensor> {
    const kinds = Object.keys(this.#kind.extra ?? {});
    return Object.fromEntries(kinds.map((kind) => [kind, this.#weights[extraName(kind, suffix)]!.value]));
  }

  #checkStates(state: RecurrentState | undefined, batch: number): void {
    for (const [label, part, size] of [
      ['h', state?.h, this.size],
      ['c', state?.c, this.hidden],
    ] as const) {
      if (part === undefined) continue;
      const wanted = [this.layers * this.directions, batch, size];
      if (part.rank !== 3 || part.shape.some((length, i) => length !== wanted[i])) {
        throw new ShapeError(this.where, `the state ${label} has another shape than the layer and the batch ask for`, [
          { label, shape: part.shape },
          { label: 'wanted', shape: wanted, axes: ['layers*directions', 'batch', 'size'] },
        ]);
      }
    }
  }

  /** The states of each layer and direction; empty lists where none are given. */
  #states(state: RecurrentState | undefined, batch: number): { h: Tensor[]; c: Tensor[] } {
    this.#checkStates(state, batch);
    const split = (part: Tensor | undefined): Tensor[] => {
      if (part === undefined) return [];
      // tfjs's gradient of unstack fails where there is only one part.
      return part.shape[0] === 1 ? [reshape(part, part.shape.slice(1))] : unstack(part);
    };
    return { h: split(state?.h), c: split(state?.c) };
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

/** `layernorm_i.weight` in the layer `_l0`: `layernorm_i_l0.weight`. */
function extraName(kind: string, suffix: string): string {
  const [name, ...field] = kind.split('.');
  return [`${name}${suffix}`, ...field].join('.');
}
