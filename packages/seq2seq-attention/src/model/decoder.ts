import { ConfigError, type Context, EVAL, type Key, Module, Param, type Shape, ShapeError } from '@dl/core';
import { checks, Embedding, Linear } from '@dl/core/nn';
import {
  add,
  argMax,
  concat,
  dropout,
  expandDims,
  gather,
  linear,
  log,
  matMul,
  mean,
  minimum,
  mul,
  oneHot,
  reshape,
  sigmoid,
  slice,
  softmax,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '@dl/core/ops';
import type { Recurrent, RecurrentOutput, RecurrentState } from '@dl/rnn';
import { AdditiveAttention } from '../attention/additive-attention';
import type { Attention, AttentionMemory } from '../attention/attention';
import { type LocalWindow, LuongAttention, type LuongScore } from '../attention/luong-attention';
import { attendingLstm } from '../ops/attending-lstm';
import { type CellKind, recurrentLayer, statesOf, zeroStates } from './recurrent-layer';
import type { Seq2SeqOutput, StepOutput } from './seq2seq-model';

/** Which attention a decoder has: its score, or more. */
export type AttentionChoice =
  | 'additive'
  | LuongScore
  | {
      score: 'additive' | LuongScore;
      /** Width of the hidden layer of additive and concat scores. @default hidden of the decoder */
      hidden?: number;
      /** A window, for Luong's scores. @default none */
      local?: LocalWindow;
      /** The chance that a weight is dropped, in training. @default 0 */
      dropout?: number;
    };

/** Options of `Decoder`. */
export interface DecoderConfig {
  /** Tokens of the target vocabulary. */
  num: number;
  /** Features of a token. */
  dim: number;
  /** Size of the hidden state. */
  hidden: number;
  /** Layers on top of each other. @default 1 */
  layers?: number;
  /** @default 'lstm' */
  cell?: CellKind;
  /** Features of what the encoder says of each token. */
  memoryDim: number;
  /** How the source is looked at; without it the last state of the encoder is all that is known of it. @default none */
  attention?: AttentionChoice | undefined;
  /**
   * When it is looked at. `after`: by the new state, whose output is changed by what was found (Luong et al. 2015); `before`: by
   * the state before, and what was found goes into the step (Bahdanau et al. 2015).
   * @default 'after'
   */
  attend?: 'after' | 'before';
  /**
   * What a step is given of the step before, beside the token, where attention comes after: what was found (`context`), or that
   * and the state as the output saw them (`attentional`, Luong's input feeding).
   * @default none: all steps of a known target at once
   */
  inputFeeding?: 'context' | 'attentional' | undefined;
  /** Width of a layer between state and scores, `tanh(W [h; context])`; false: none. @default hidden with attention after, else false */
  combine?: number | false;
  /** Whether scores are products with the embeddings (Press and Wolf 2017), which have the width of what is read out. @default false */
  tied?: boolean;
  /** Whether tokens of the source can be copied: pointer-generator, See et al. 2017. Needs attention. @default false */
  copy?: boolean;
  /** Whether the attention that a source token has had counts: See et al. 2017. Needs additive attention. @default false */
  coverage?: boolean;
  /** The chance that a feature is dropped: behind the embedding, between the layers, before the scores; in training. @default 0 */
  dropout?: number;
  /** The number of the token that stands in for copied ones that have no embedding. @default 1 */
  unk?: number;
  /** Draws the weights. */
  key: Key;
}

/** What a decoder works on. */
export interface DecoderInput {
  /** Token numbers, `[batch, time]` int32: `<s>` and the target without its end. */
  target: Tensor;
  /** What the encoder says of each token, `[batch, sourceTime, memoryDim]`. */
  memory: Tensor;
  /** How many tokens of each source are real. @default all */
  memoryLengths?: readonly number[] | Tensor | undefined;
  /** Where it begins, `[layers, batch, hidden]`. @default zeros */
  state?: RecurrentState | undefined;
  /** Numbers of the source tokens in the target vocabulary, and how many there are; for copying. */
  copy?: { ids: Tensor; size: number } | undefined;
  /** How likely the true token is given, else the decoder's own. @default 1 */
  teacherForcing?: number | undefined;
}

/** What decoding carries from step to step. */
export type DecoderState = {
  /** How many steps are done. */
  position: number;
  rnn: RecurrentState;
  /** [rows, sourceTime, ...], where there is attention */
  memory?: AttentionMemory;
  /** [rows, width] what input feeding hands on */
  fed?: Tensor;
  /** [rows, sourceTime] the attention that each source token has had */
  coverage?: Tensor;
  /** [rows, sourceTime, copySize] 1 at the number of each source token */
  copy?: Tensor;
};

/** One step, before its scores. */
interface Advance {
  /** [rows, 1, hidden] */
  hidden: Tensor;
  /** [rows, 1, memoryDim] */
  context?: Tensor;
  /** [rows, 1, sourceTime] */
  weights?: Tensor;
  /** [rows] the attention that went where it had been before */
  again?: Tensor;
  state: DecoderState;
}

/**
 * Writes a sequence of tokens, with or without looking back at the source.
 *
 * ```
 * after:   h[t] = rnn([e[t]; fed[t - 1]], h[t - 1])     context[t] = attention(h[t])
 *          scores[t] = W tanh(Wc [h[t]; context[t]])
 * before:  context[t] = attention(h[t - 1])     h[t] = rnn([e[t]; context[t]], h[t - 1])
 *          scores[t] = W [h[t]; context[t]; e[t]]
 * copy:    p = g softmax(scores) + (1 - g) sum of the weights of each token,  g = sigmoid(w [h; context; e])
 * ```
 *
 * Where no step waits for what the one before found, a known target is decoded in one pass: one recurrent kernel, and attention
 * over all steps at once. Additive attention before one layer of an LSTM is one kernel over all steps too.
 *
 * Weights: `embedding.weight` `[num, dim]`, `rnn.*` as in PyTorch, `attention.*`, `combine.weight`, `combine.bias`, `out.weight`
 * `[num, width]`, `out.bias` (tied: `bias`), `pointer.weight` `[1, width]`, `pointer.bias`.
 */
export class Decoder extends Module<DecoderInput, Seq2SeqOutput> {
  readonly num: number;
  readonly dim: number;
  readonly hidden: number;
  readonly layers: number;
  readonly cell: CellKind;
  readonly memoryDim: number;
  readonly before: boolean;
  readonly inputFeeding: 'context' | 'attentional' | undefined;
  readonly dropout: number;
  readonly unk: number;
  readonly usesCoverage: boolean;
  readonly embedding: Embedding;
  readonly rnn: Recurrent<RecurrentOutput>;
  readonly attention: Attention | undefined;
  readonly combine: Linear | undefined;
  readonly out: Linear | undefined;
  /** The bias of tied scores. */
  readonly bias: Param | undefined;
  readonly pointer: Linear | undefined;
  readonly #fedWidth: number;
  readonly #cellWeights: ReadonlyMap<string, Param>;

  /** @throws ConfigError for sizes that are no positive integers, and for options that exclude each other */
  constructor(config: DecoderConfig) {
    super();
    const { num, dim, hidden, layers = 1, cell = 'lstm', memoryDim, attend = 'after', inputFeeding, key } = config;
    const { tied = false, copy = false, coverage = false, unk = 1 } = config;
    for (const [option, size] of Object.entries({ num, dim, hidden, layers, memoryDim })) {
      checks.checkSize(this, option, size);
    }
    checks.checkNumber(this, 'dropout', config.dropout ?? 0, { min: 0, below: 1 });
    this.num = num;
    this.dim = dim;
    this.hidden = hidden;
    this.layers = layers;
    this.cell = cell;
    this.memoryDim = memoryDim;
    this.before = attend === 'before';
    this.inputFeeding = inputFeeding;
    this.dropout = config.dropout ?? 0;
    this.unk = unk;
    this.usesCoverage = coverage;
    this.#checkOptions(config);

    const found = config.attention === undefined ? 0 : memoryDim;
    const read = hidden + found + (this.before ? dim : 0);
    const combine = config.combine ?? (found > 0 && !this.before ? (tied ? dim : hidden) : false);
    const width = combine === false ? read : combine;
    if (tied && width !== dim) {
      throw new ConfigError(
        this.where,
        `tied scores need what is read out to have the width of the embeddings, ${dim}; it has ${width}`,
        `set combine: ${dim}`,
      );
    }
    const fed = this.before ? found : inputFeeding === 'context' ? found : inputFeeding === 'attentional' ? width : 0;
    this.embedding = new Embedding({ num, dim, key: key.child('embedding') });
    this.rnn = recurrentLayer(this.where, cell, {
      in: dim + fed,
      hidden,
      layers,
      dropout: layers > 1 ? this.dropout : 0,
      key: key.child('rnn'),
    });
    this.#cellWeights = this.rnn.parameters();
    this.attention =
      config.attention && attentionOf(config.attention, hidden, memoryDim, coverage, key.child('attention'));
    this.combine =
      combine === false
        ? undefined
        : new Linear({ in: read, out: combine, activation: 'tanh', key: key.child('combine') });
    this.out = tied ? undefined : new Linear({ in: width, out: num, key: key.child('out') });
    this.bias = tied ? new Param(zeros([num])) : undefined;
    this.pointer = copy ? new Linear({ in: hidden + found + dim, out: 1, key: key.child('pointer') }) : undefined;
    this.#fedWidth = this.before ? 0 : fed;
  }

  /** Whether steps have to be made one after the other even where the target is known. */
  get isSequential(): boolean {
    return this.before || this.inputFeeding !== undefined || this.usesCoverage;
  }

  /**
   * Reads a known target: the scores of the token after each of its tokens.
   *
   * @throws ShapeError where memory, state or target do not fit
   */
  forward(input: DecoderInput, ctx: Context = EVAL): Seq2SeqOutput {
    const { target, teacherForcing = 1 } = input;
    checks.checkNumber(this, 'teacherForcing', teacherForcing, { min: 0, max: 1 });
    // Lengths and masks of the context are those of the source.
    const own: Context = { train: ctx.train, ...(ctx.key && { key: ctx.key }) };
    const state = this.start(input);
    const fused = teacherForcing === 1 && this.#fusedAttention(own);
    if (!fused && (this.isSequential || teacherForcing < 1)) {
      return this.#stepwise(target, state, own, teacherForcing);
    }
    const embedded = this.#embed(target, own);
    if (this.attention === undefined) {
      const { output } = this.rnn.forward(embedded, own, state.rnn);
      return { logits: this.#scores(this.#readOut(output, undefined, embedded), own) };
    }
    const { hidden, context, weights } = fused
      ? this.#runFused(embedded, state, fused)
      : this.#runAll(embedded, state, this.attention, own);
    const logits = this.#scores(this.#readOut(hidden, context, embedded), own);
    return { logits: this.#withCopies(logits, { hidden, context, weights }, embedded, state), weights };
  }

  /** The state before the first token. */
  start({ memory, memoryLengths, state, copy }: Omit<DecoderInput, 'target'>): DecoderState {
    if (memory.rank !== 3 || memory.shape[2] !== this.memoryDim) {
      throw new ShapeError(
        this.where,
        `the encoder gives ${memory.shape.at(-1)} features, the decoder looks for ${this.memoryDim}`,
        [{ label: 'memory', shape: memory.shape, axes: ['batch', 'sourceTime', 'features'] }],
        `set memoryDim: ${memory.shape.at(-1)}`,
      );
    }
    const [rows, time] = memory.shape as [number, number];
    if (copy !== undefined && this.pointer === undefined) {
      throw new ConfigError(this.where, 'it was given tokens to copy and cannot', 'set copy: true');
    }
    const zeroState = () => zeroStates(this.cell, this.layers, rows, this.hidden);
    return {
      position: 0,
      rnn:
        state === undefined ? zeroState() : this.cell === 'lstm' && !state.c ? { ...zeroState(), h: state.h } : state,
      ...(this.attention && { memory: this.attention.remember({ key: memory, keyLengths: memoryLengths }) }),
      ...(this.#fedWidth > 0 && { fed: zeros([rows, this.#fedWidth]) }),
      ...(this.usesCoverage && { coverage: zeros([rows, time]) }),
      ...(this.pointer && copy && { copy: oneHot(copy.ids, copy.size) }),
    };
  }

  /**
   * One step.
   *
   * @param tokens the tokens before, `[rows]` int32
   */
  step(tokens: Tensor, state: DecoderState): StepOutput<DecoderState> {
    const embedded = this.#embed(expandDims(tokens, 1), EVAL); // [rows, 1, dim]
    const done = this.#advance(embedded, state, EVAL);
    const logits = this.#withCopies(
      this.#scores(this.#readOut(done.hidden, done.context, embedded), EVAL),
      done,
      embedded,
      state,
    );
    const rows = tokens.shape[0];
    return {
      logits: reshape(logits, [rows, logits.shape[2]!]),
      weights: done.weights && reshape(done.weights, [rows, done.weights.shape[2]!]),
      state: done.state,
    };
  }

  /** The state with other rows. */
  select(state: DecoderState, rows: Tensor, sameSources: boolean): DecoderState {
    const pick = (x: Tensor) => gather(x, rows);
    const pickStates = (x: Tensor) => gather(x, rows, 1);
    const { memory, copy, fed, coverage, rnn, position } = state;
    return {
      position,
      rnn: { h: pickStates(rnn.h), ...(rnn.c && { c: pickStates(rnn.c) }) },
      ...(fed && { fed: pick(fed) }),
      ...(coverage && { coverage: pick(coverage) }),
      ...(memory && {
        memory: sameSources
          ? memory
          : {
              keys: pick(memory.keys),
              values: pick(memory.values),
              ...(memory.mask && { mask: pick(memory.mask) }),
            },
      }),
      ...(copy && { copy: sameSources ? copy : pick(copy) }),
    };
  }

  /** `[targetTime]` to `[targetTime, num]` */
  outputShape(input: Shape): Shape {
    return [...input, this.num];
  }

  #stepwise(target: Tensor, first: DecoderState, ctx: Context, teacherForcing: number): Seq2SeqOutput {
    const [rows, time] = target.shape as [number, number];
    const given = teacherForcing < 1 ? this.keyOf(ctx).child('sampling').uniform([time, rows]) : undefined;
    const known = given && target.dataSync();
    const all = this.#embed(target, ctx); // [rows, time, dim]
    const embedded: Tensor[] = [];
    const hidden: Tensor[] = [];
    const contexts: Tensor[] = [];
    const weights: Tensor[] = [];
    const scores: Tensor[] = [];
    const again: Tensor[] = [];
    let state = first;
    for (let t = 0; t < time; t++) {
      let e = slice(all, [0, t, 0], [rows, 1, this.dim]);
      if (given && t > 0) {
        const own = argMax(scores[t - 1]!, -1).dataSync();
        const mixed = Int32Array.from({ length: rows }, (_, r) =>
          given[t * rows + r]! < teacherForcing ? known![r * time + t]! : own[r]!,
        );
        e = this.#embed(tensor(mixed, [rows, 1], 'int32'), ctx.key ? { ...ctx, key: ctx.key.fold(t) } : ctx);
      }
      const done = this.#advance(e, state, ctx);
      state = done.state;
      embedded.push(e);
      hidden.push(done.hidden);
      if (done.context) contexts.push(done.context);
      if (done.weights) weights.push(done.weights);
      if (done.again) again.push(done.again);
      if (given) {
        const logits = this.#scores(this.#readOut(done.hidden, done.context, e), ctx, t);
        scores.push(this.#withCopies(logits, done, e, state));
      }
    }
    const joined = (parts: Tensor[]) => (parts.length === 1 ? parts[0]! : concat(parts, 1));
    const looked = {
      hidden: joined(hidden),
      ...(contexts.length > 0 && { context: joined(contexts), weights: joined(weights) }),
    };
    // What needs no step before it is computed for all steps at once.
    const e = joined(embedded);
    const logits = given
      ? joined(scores)
      : this.#withCopies(this.#scores(this.#readOut(looked.hidden, looked.context, e), ctx), looked, e, state);
    return {
      logits,
      ...(looked.weights && { weights: looked.weights }),
      ...(again.length > 0 && { coverageLoss: mean(stack(again)) }),
    };
  }

  /** All steps of the cell, then all that they look at. */
  #runAll(embedded: Tensor, state: DecoderState, attention: Attention, ctx: Context) {
    const { output: hidden } = this.rnn.forward(embedded, ctx, state.rnn);
    const { output: context, weights } = attention.attend(hidden, state.memory!, ctx);
    return { hidden, context, weights };
  }

  /** The attention where all steps of it and of the cell are one operation: additive, before one layer of an LSTM. */
  #fusedAttention(ctx: Context): AdditiveAttention | undefined {
    const { attention } = this;
    const fits = this.before && this.cell === 'lstm' && this.layers === 1 && !this.usesCoverage;
    const isWhole = fits && attention instanceof AdditiveAttention && !(ctx.train && attention.dropout > 0);
    return isWhole ? attention : undefined;
  }

  #runFused(embedded: Tensor, { memory, rnn }: DecoderState, { query, v }: AdditiveAttention) {
    const { keys, values, mask } = memory!;
    const rows = embedded.shape[0];
    const weight = (name: string) => this.#cellWeights.get(name)!.value;
    const { output, ...found } = attendingLstm({
      x: embedded,
      memory: values,
      projected: keys,
      mask,
      weightIh: weight('weight_ih_l0'),
      weightHh: weight('weight_hh_l0'),
      biasIh: weight('bias_ih_l0'),
      biasHh: weight('bias_hh_l0'),
      weightQuery: query.weight.value,
      biasQuery: query.bias?.value,
      v: v.value,
      h0: reshape(rnn.h, [rows, this.hidden]),
      c0: reshape(rnn.c!, [rows, this.hidden]),
    });
    return { hidden: output, ...found };
  }

  #advance(embedded: Tensor, state: DecoderState, ctx: Context): Advance {
    const rows = embedded.shape[0];
    const { position, coverage, fed } = state;
    const fused = this.#fusedAttention(ctx);
    if (fused) {
      const { c, ...found } = this.#runFused(embedded, state, fused);
      const shape: [number, number, number] = [1, rows, this.hidden];
      const rnn = { h: reshape(found.hidden, shape), c: reshape(c, shape) };
      return { ...found, state: { ...state, position: position + 1, rnn } };
    }
    const look = (query: Tensor) => this.attention!.attend(query, state.memory!, ctx, { position, coverage });
    const before = this.before ? look(topOf(state.rnn, this.layers)) : undefined;
    const more = before?.output ?? (fed && expandDims(fed, 1));
    const input = more === undefined ? embedded : concat([embedded, more], 2); // [rows, 1, dim + ...]
    const { hidden, rnn } = this.#recur(input, state.rnn, ctx, position);
    const found = before ?? (this.attention && look(hidden));
    const next: DecoderState = { ...state, position: position + 1, rnn };
    if (found === undefined) return { hidden, state: next };
    const { output: context, weights } = found;
    if (this.inputFeeding === 'context') next.fed = reshape(context, [rows, this.#fedWidth]);
    if (this.inputFeeding === 'attentional') {
      next.fed = reshape(this.#readOut(hidden, context, embedded), [rows, this.#fedWidth]);
    }
    if (coverage === undefined) return { hidden, context, weights, state: next };
    const spent = reshape(weights, coverage.shape as [number, number]);
    next.coverage = add(coverage, spent);
    return { hidden, context, weights, again: sum(minimum(spent, coverage), 1), state: next };
  }

  /** One recurrent step; as a sequence of one where something is dropped between the layers. */
  #recur(input: Tensor, state: RecurrentState, ctx: Context, position: number) {
    const [rows, , width] = input.shape as [number, number, number];
    if (ctx.train && this.layers > 1 && this.dropout > 0) {
      const own = ctx.key ? { ...ctx, key: ctx.key.fold(position) } : ctx;
      const result = this.rnn.forward(input, own, state);
      return { hidden: result.output, rnn: statesOf(result) };
    }
    const { output, state: next } = this.rnn.step(reshape(input, [rows, width]), state);
    return { hidden: reshape(output, [rows, 1, this.hidden]), rnn: next };
  }

  /** The embeddings of tokens; copied tokens behind the vocabulary have none of their own. */
  #embed(tokens: Tensor, ctx: Context): Tensor {
    const embedded = this.embedding.forward(this.pointer === undefined ? tokens : this.#known(tokens));
    return ctx.train && this.dropout > 0
      ? dropout(embedded, { rate: this.dropout, key: this.keyOf(ctx).child('embedding') })
      : embedded;
  }

  #known(tokens: Tensor): Tensor {
    const known = Int32Array.from(tokens.dataSync(), (token) => (token < this.num ? token : this.unk));
    return tensor(known, tokens.shape, 'int32');
  }

  #readOut(hidden: Tensor, context: Tensor | undefined, embedded: Tensor): Tensor {
    const parts = [hidden, ...(context ? [context] : []), ...(this.before ? [embedded] : [])];
    const read = parts.length === 1 ? hidden : concat(parts, 2);
    return this.combine ? this.combine.forward(read) : read;
  }

  #scores(read: Tensor, ctx: Context, step = 0): Tensor {
    const kept =
      ctx.train && this.dropout > 0
        ? dropout(read, { rate: this.dropout, key: this.keyOf(ctx).child('scores').fold(step) })
        : read;
    return this.out ? this.out.forward(kept) : linear(kept, this.embedding.weight.value, this.bias!.value);
  }

  /** Logarithms of the probabilities of writing and copying together, where tokens can be copied. */
  #withCopies(logits: Tensor, step: Omit<Advance, 'state'>, embedded: Tensor, { copy }: DecoderState): Tensor {
    if (this.pointer === undefined || copy === undefined) return logits;
    const { hidden, context, weights } = step;
    const gate = sigmoid(this.pointer.forward(concat([hidden, context!, embedded], 2))); // [rows, time, 1]
    // Where there is nothing to copy from, everything is written.
    const copied = mul(sub(1, gate), sum(weights!, 2, true));
    const [rows, time] = logits.shape as [number, number];
    const behind = copy.shape[2]! - this.num;
    const written = mul(softmax(logits), sub(1, copied));
    const whole = behind > 0 ? concat([written, zeros([rows, time, behind])], 2) : written;
    const fromSource = matMul(mul(weights!, sub(1, gate)), copy);
    return log(add(add(whole, fromSource), 1e-10));
  }

  #checkOptions({ attention, attend, inputFeeding, copy, coverage }: DecoderConfig): void {
    const refuse = (problem: string, hint: string) => {
      throw new ConfigError(this.where, problem, hint);
    };
    if (attend !== undefined && attend !== 'before' && attend !== 'after') {
      refuse(`attend is '${String(attend)}'`, "give 'after' or 'before'");
    }
    if (inputFeeding !== undefined && inputFeeding !== 'context' && inputFeeding !== 'attentional') {
      refuse(`inputFeeding is '${String(inputFeeding)}'`, "give 'context' or 'attentional', or leave it out");
    }
    const score = typeof attention === 'object' ? attention.score : attention;
    if (attention === undefined) {
      const without = Object.entries({ inputFeeding, copy, coverage, before: attend === 'before' });
      const needy = without.find(([, value]) => Boolean(value));
      if (needy) refuse(`${needy[0]} needs attention`, "for example attention: 'additive'");
    }
    if (attend === 'before' && inputFeeding !== undefined) {
      refuse('attention before the step feeds what was found anyway', 'leave inputFeeding out');
    }
    if (coverage && score !== 'additive') refuse(`coverage needs additive attention, not '${score}'`, "'additive'");
    if (typeof attention === 'object' && attention.local && score === 'additive') {
      refuse('local attention needs one of the scores of Luong', "for example score: 'general'");
    }
  }
}

function attentionOf(
  choice: AttentionChoice,
  hidden: number,
  memoryDim: number,
  coverage: boolean,
  key: Key,
): Attention {
  const { score, ...rest } = typeof choice === 'object' ? choice : { score: choice };
  const config = { queryDim: hidden, keyDim: memoryDim, hidden, ...rest, key };
  return score === 'additive'
    ? new AdditiveAttention({ ...config, coverage })
    : new LuongAttention({ ...config, score });
}

/** The hidden state of the top layer, [rows, 1, hidden]. */
function topOf({ h }: RecurrentState, layers: number): Tensor {
  const [, rows, hidden] = h.shape as [number, number, number];
  return reshape(slice(h, [layers - 1, 0, 0], [1, rows, hidden]), [rows, 1, hidden]);
}
