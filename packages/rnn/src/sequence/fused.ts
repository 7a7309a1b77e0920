import { type Gradients, gradientDepth, type Heap, type Tensor } from '@dl/core/ops';
import { kernels } from '../kernels';
import { type Chunk, chunksOf, segmentsOf, wholeOf } from './chunks';
import type { SequenceAttrs, SequenceInputs } from './composed';
import { orderState, pack, restoreState, tablesAt, tablesOf, unpack, unpacked, valuesOf } from './packed';
import { columnSums, columnsOf, type Matrix, product, project, rowsFrom } from './products';

/** A piece of a batch on its way through the kernels. All matrices are packed as the plan says. */
export interface Stretch<Attrs> {
  heap: Heap;
  inputs: SequenceInputs;
  attrs: Attrs;
  chunk: Chunk;
  /** Addresses of the tables of its steps and rows. */
  sizes: number;
  index: number;
  /** Addresses of the states that it starts from, [batch, size] each. */
  before: readonly number[];
  /** [batch, width] what the hidden states are multiplied by on their way into the gates; address, or 0. */
  mask: number;
  /** What forward writes, and backward replaces by gradients. */
  values: Record<string, Tensor>;
}

/** The upstream gradient of a stretch. */
export interface Upstream {
  /** [batch, time, width] the gradient of the outputs. */
  output: Tensor;
  /** The gradients of the states at the end of the stretch; on return, those at its start. */
  states: readonly Tensor[];
}

/** Puts the gradient of an input into `to`, or adds it. */
export type Rule = (to: Tensor, add: boolean) => void;
/** The rules of the inputs that there are. */
export type Rules = Partial<Record<Exclude<keyof SequenceInputs, 'h0' | 'c0' | 'mask'>, Rule>>;

/** One kind of recurrence, as kernels. */
export interface Recurrence<Attrs> {
  /** Sizes of its states: of the hidden state, and of the cell state where there is one. */
  states(inputs: SequenceInputs): readonly number[];
  /** What forward writes, in floats a row; `hiddens` and (with a cell state) `cells` are among it. */
  values(inputs: SequenceInputs): Record<string, number>;
  forward(stretch: Stretch<Attrs>): void;
  /** Goes back through the stretch; gives the rules by which the gradients of its inputs follow. */
  backward(stretch: Stretch<Attrs>, upstream: Upstream): Rules;
}

/** What forward saves: the tables, the states at the starts of the stretches, and the values unless they are recomputed. */
type Residuals = Record<string, Tensor>;

/** Names of the states as inputs, and of the values that hold them for every step. */
const STATES = ['h0', 'c0'] as const;
const VALUES = ['hiddens', 'cells'] as const;

/**
 * Runs a recurrence over a batch. Where gradients are recorded everything is kept for them, or, with `recompute`, only the
 * states at about the root of the number of steps. Else nothing is.
 */
export function fusedForward<Attrs extends SequenceAttrs>(
  recurrence: Recurrence<Attrs>,
  inputs: SequenceInputs,
  attrs: Attrs,
  heap: Heap,
  save: (residuals: Residuals) => void,
): { output: Tensor; states: Tensor[] } {
  const { plan } = attrs;
  const isRecorded = gradientDepth() > 0;
  const keepsAll = isRecorded && !attrs.recompute;
  const chunks = keepsAll ? wholeOf(plan) : isRecorded ? segmentsOf(plan) : chunksOf(plan);
  const tables = tablesOf(heap, plan);
  const output = unpacked(heap, plan, inputs.x.shape[1]!, recurrence.states(inputs)[0]!);
  const states = recurrence.states(inputs).map((size, i) => orderState(heap, inputs[STATES[i]!], plan, size));
  const starts = isRecorded
    ? states.map(({ shape, size }) => ({ size, all: heap.tensor([chunks.length, ...shape]) }))
    : [];
  const mask = inputs.mask && orderState(heap, inputs.mask, plan, inputs.mask.shape[1]!);
  let kept: Residuals = {};
  for (const [at, chunk] of chunks.entries()) {
    for (const [i, { all, size }] of starts.entries()) valuesOf(heap, all).set(valuesOf(heap, states[i]!), at * size);
    const before = states.map((state) => heap.address(state));
    const { values, sizes, index } = run(recurrence, { heap, inputs, attrs, tables, chunk, before, mask });
    unpack(heap, values.hiddens!, index, chunk.rows, output);
    for (const [i, state] of states.entries()) {
      const rows = heap.address(values[VALUES[i]!]!);
      kernels.on(heap).lastRows(chunk.steps, sizes, chunk.rows, rows, state.shape[1]!, heap.address(state));
    }
    if (keepsAll) kept = values;
    else for (const value of Object.values(values)) value.dispose();
  }
  if (isRecorded) {
    const named = Object.fromEntries(starts.map(({ all }, i) => [`start ${STATES[i]!}`, all]));
    save({ tables, ...named, ...kept, ...(mask && { ordered: mask }) });
  }
  return { output, states: states.map((state) => restoreState(heap, state, plan)) };
}

/** The gradients, from those of the outputs of every step and of the last states. */
export function fusedBackward<Attrs extends SequenceAttrs>(
  recurrence: Recurrence<Attrs>,
  saved: SequenceInputs & Residuals,
  attrs: Attrs,
  heap: Heap,
  dOutput: Tensor,
  dLast: readonly Tensor[],
): Gradients<SequenceInputs> {
  const { plan, recompute } = attrs;
  const { tables, ordered: mask } = saved as Residuals;
  const sizes = recurrence.states(saved);
  const upstream = { output: dOutput, states: dLast.map((d, i) => orderState(heap, d, plan, sizes[i]!)) };
  const firstStates = Object.fromEntries(
    upstream.states.map((state, i) => [STATES[i]!, () => restoreState(heap, state, plan)]),
  );
  const startsOf = (at: number) =>
    sizes.map((size, i) => heap.address(saved[`start ${STATES[i]!}`]!) + 4 * at * plan.batch * size);
  const given = { heap, inputs: saved, attrs, tables: tables!, mask };

  const place = (name: string) =>
    name === 'x' ? unpacked(heap, plan, saved.x.shape[1]!, saved.x.shape[2]!) : heap.tensor(saved[name]!.shape);

  if (!recompute) {
    const names = Object.keys(recurrence.values(saved));
    const values = Object.fromEntries(names.map((name) => [name, saved[name]!]));
    const stretch = { ...locate({ ...given, chunk: wholeOf(plan)[0]!, before: startsOf(0) }), values };
    const rules = Object.entries(recurrence.backward(stretch, upstream)).map(([name, rule]) => {
      const gradient = () => {
        const to = place(name);
        rule(to, false);
        return to;
      };
      return [name, gradient] as const;
    });
    return { ...Object.fromEntries(rules), ...firstStates };
  }

  const sums: Record<string, Tensor> = {};
  for (const [at, chunk] of [...segmentsOf(plan).entries()].reverse()) {
    const stretch = run(recurrence, { ...given, chunk, before: startsOf(at) });
    for (const [name, rule] of Object.entries(recurrence.backward(stretch, upstream))) {
      const add = name in sums;
      sums[name] ??= place(name);
      rule(sums[name], add);
    }
    for (const value of Object.values(stretch.values)) value.dispose();
  }
  return { ...sums, ...firstStates };
}

type Given<Attrs> = Omit<Stretch<Attrs>, 'sizes' | 'index' | 'mask' | 'values'> & {
  tables: Tensor;
  mask: Tensor | undefined;
};

function locate<Attrs extends SequenceAttrs>({ tables, mask, ...given }: Given<Attrs>): Omit<Stretch<Attrs>, 'values'> {
  const { heap, attrs, chunk } = given;
  return { ...given, ...tablesAt(heap, tables, attrs.plan, chunk), mask: mask ? heap.address(mask) : 0 };
}

/** Forward through a stretch, into new tensors. */
function run<Attrs extends SequenceAttrs>(recurrence: Recurrence<Attrs>, given: Given<Attrs>): Stretch<Attrs> {
  const { heap, inputs, chunk } = given;
  const widths = Object.entries(recurrence.values(inputs));
  const values = Object.fromEntries(widths.map(([name, width]) => [name, heap.tensor([chunk.rows, width])]));
  const stretch = { ...locate(given), values };
  recurrence.forward(stretch);
  return stretch;
}

/** sums[:, 0..] = x W^T + bias for all rows of a stretch. */
export function projectInputs<Attrs>(stretch: Stretch<Attrs>, bias: Tensor | undefined, sums: Tensor): void {
  const { heap, inputs, chunk, index } = stretch;
  const x = pack(heap, inputs.x, index, chunk.rows);
  project(heap, x, inputs.weightIh, bias, sums);
  x.dispose();
}

/** Columns of the gradients of the sums that meet rows of the weight of the inputs: `from` in the sums, `at` in the weight. */
interface Block {
  from: number;
  at: number;
  size: number;
}

/** The rules of what contributes to the sums x W^T + b + h U^T + c: all inputs but the states and the projection. */
export function rulesOfSums<Attrs>(
  stretch: Stretch<Attrs>,
  dSums: Tensor,
  { input, recurrent }: { input: readonly Block[]; recurrent: Block },
): Rules {
  const { heap, inputs, chunk, index } = stretch;
  const { weightIh, weightHh } = inputs;
  const features = weightIh.shape[1]!;
  let totals: Float32Array | undefined;
  const bias =
    (blocks: readonly Block[]): Rule =>
    (to, add) => {
      totals ??= columnSums(heap, dSums);
      const into = valuesOf(heap, to);
      for (const { from, at, size } of blocks) {
        for (let i = 0; i < size; i++) into[at + i] = totals[from + i]! + (add ? into[at + i]! : 0);
      }
    };
  return {
    x(to) {
      const packed = heap.tensor([chunk.rows, features]);
      for (const [i, { from, at, size }] of input.entries()) {
        const weight = rowsFrom(columnsOf(heap, weightIh), at);
        const shape = [chunk.rows, features, size] as const;
        product(heap, shape, columnsOf(heap, dSums, from), weight, columnsOf(heap, packed), { add: i > 0 });
      }
      unpack(heap, packed, index, chunk.rows, to);
      packed.dispose();
    },
    weightIh(to, add) {
      const x = pack(heap, inputs.x, index, chunk.rows);
      for (const { from, at, size } of input) {
        const shape = [size, features, chunk.rows] as const;
        const into = rowsFrom(columnsOf(heap, to), at);
        product(heap, shape, columnsOf(heap, dSums, from), columnsOf(heap, x), into, { transA: true, add });
      }
      x.dispose();
    },
    weightHh: (to, add) => recurrentGradient(stretch, columnsOf(heap, dSums, recurrent.from), weightHh, to, add),
    ...(inputs.biasIh && { biasIh: bias(input) }),
    ...(inputs.biasHh && { biasHh: bias([recurrent]) }),
  };
}

/** dU (+)= a^T (the hidden states that each row started from, as the gates see them). */
function recurrentGradient<Attrs>(
  { heap, attrs, chunk, sizes, before, mask, values }: Stretch<Attrs>,
  a: Matrix,
  weight: Tensor,
  to: Tensor,
  add: boolean,
): void {
  const [m, n] = weight.shape as [number, number];
  const { plan } = attrs as SequenceAttrs;
  const first = plan.sizes[chunk.step] ?? 0;
  const hiddens = columnsOf(heap, values.hiddens!);
  const into = columnsOf(heap, to);
  if (mask === 0 && first * chunk.steps === chunk.rows) {
    // Where all sequences go on, these are the first states and all hidden states but the last: nothing has to be moved.
    product(heap, [m, n, first], a, { address: before[0]!, stride: n }, into, { transA: true, add });
    if (chunk.steps < 2) return;
    product(heap, [m, n, chunk.rows - first], rowsFrom(a, first), hiddens, into, { transA: true, add: true });
    return;
  }
  const previous = heap.tensor([chunk.rows, n]);
  kernels.on(heap).previousRows(chunk.steps, sizes, before[0]!, hiddens.address, mask, n, heap.address(previous));
  product(heap, [m, n, chunk.rows], a, columnsOf(heap, previous), into, { transA: true, add });
  previous.dispose();
}
