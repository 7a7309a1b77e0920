import type { Key } from '@dl/core';
import {
  add,
  dropout,
  linear,
  matMul,
  mul,
  reshape,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from '@dl/core/ops';
import type { Cell, CellWeights } from '../cells/cell';
import type { Plan } from './plan';

/** One direction over a batch of sequences, as an op is given it. */
export type SequenceInputs = CellWeights & {
  /** [batch, time, in] */
  x: Tensor;
  /** [batch, hidden] */
  h0?: Tensor | undefined;
  /** [batch, hidden]; of the LSTM only */
  c0?: Tensor | undefined;
};

/** How much of its state a sequence keeps by chance. */
export interface Zoneout {
  /** The chance that an element of each state stays what it was. */
  rates: readonly number[];
  /** Draws which; without one, the state becomes what it would be on average. */
  key: Key | undefined;
}

/** How a batch is gone through. */
export interface SequenceAttrs {
  plan: Plan;
  reverse: boolean;
  /** Keep nothing for the backward pass but the states: it computes the rest again. */
  recompute?: boolean;
}

interface Step<Values> {
  t: number;
  x: Tensor;
  before: Tensor[];
  /** What the cell shows, before it is projected. */
  shown: Tensor;
  values: Values;
  /** [batch, 1] 1 for the sequences that have this step, 0 where it is padding; undefined: all have it. */
  real: Tensor | undefined;
}

/** Runs a cell over the steps, one after the other; where a step is padding, a sequence keeps its state. */
function unroll<Values>(
  cell: Pick<Cell<Values>, 'step'>,
  inputs: SequenceInputs,
  states: number,
  attrs: SequenceAttrs,
  zoneout?: Zoneout,
) {
  const [batch, time, width] = inputs.x.shape as [number, number, number];
  const { plan, reverse } = attrs;
  const { weightHh, weightHr } = inputs;
  const given = [inputs.h0, inputs.c0];
  const sizes = [weightHh.shape[1]!, weightHr?.shape[1] ?? weightHh.shape[1]!];
  let state = Array.from({ length: states }, (_, i) => given[i] ?? zeros([batch, sizes[i]!]));
  const steps: Step<Values>[] = [];
  const outputs: Tensor[] = [];
  for (let k = 0; k < time; k++) {
    const t = reverse ? time - 1 - k : k;
    const x = reshape(slice(inputs.x, [0, t, 0], [batch, 1, width]), [batch, width]);
    const real = plan.real && tensor(plan.real.slice(t * batch, (t + 1) * batch), [batch, 1]);
    const before = state;
    const { state: next, values } = cell.step(x, before, inputs);
    const shown = next[0]!;
    if (weightHr) next[0] = linear(shown, weightHr);
    for (const [i, rate] of zoneout?.rates.entries() ?? []) {
      if (rate > 0) next[i] = zoned(before[i]!, next[i]!, rate, zoneout?.key?.fold(t).fold(i));
    }
    state = next.map((s, i) => (real ? add(mul(real, s), mul(sub(1, real), before[i]!)) : s));
    outputs[t] = real ? mul(real, next[0]!) : next[0]!;
    steps.push({ t, x, before, shown, values, real });
  }
  const output = time > 0 ? stack(outputs, 1) : zeros([batch, 0, sizes[0]!]);
  return { output, state, steps };
}

/** `before` with the chance `rate`, else `next`, for each element; without a key the mean of that. */
export function zoned(before: Tensor, next: Tensor, rate: number, key: Key | undefined): Tensor {
  const change = sub(next, before);
  return add(before, mul(1 - rate, key ? dropout(change, { rate, key }) : change));
}

/** The hidden states of all steps [batch, time, width], zeros in the padding, and the last state of each sequence. */
export function composedForward(
  cell: Pick<Cell<unknown>, 'step'>,
  inputs: SequenceInputs,
  states: number,
  attrs: SequenceAttrs,
  zoneout?: Zoneout,
) {
  const { output, state } = unroll(cell, inputs, states, attrs, zoneout);
  return { output, state };
}

/** Back-propagation through time: the steps in the opposite order, each handing the gradient of its state to the one before. */
export function composedBackward<Values>(
  cell: Cell<Values>,
  inputs: SequenceInputs,
  dOutput: Tensor,
  dLast: readonly Tensor[],
  attrs: SequenceAttrs,
) {
  const { steps } = unroll(cell, inputs, dLast.length, attrs);
  const [batch, , width] = dOutput.shape as [number, number, number];
  const { weightHr: projection, mask } = inputs;
  const seen = (h: Tensor) => (mask ? mul(h, mask) : h);
  let dState = [...dLast];
  const dx: Tensor[] = [];
  let weightIh: Tensor = zerosLike(inputs.weightIh);
  let weightHh: Tensor = zerosLike(inputs.weightHh);
  let weightHr: Tensor | undefined = projection && zerosLike(projection);
  let biasIh: Tensor = zeros([weightIh.shape[0]]);
  let biasHh: Tensor = biasIh;
  for (const { t, x, before, shown, values, real } of steps.reverse()) {
    const dy = reshape(slice(dOutput, [0, t, 0], [batch, 1, width]), [batch, width]);
    const total = dState.map((d, i) => (i === 0 ? add(d, dy) : d));
    const dNext = real ? total.map((d) => mul(real, d)) : total;
    if (projection) {
      weightHr = add(weightHr!, matMul(dNext[0]!, shown, true));
      dNext[0] = matMul(dNext[0]!, projection);
    }
    const { dInput, dRecurrent, dState: direct } = cell.stepBackward(values, before, dNext);
    dState = direct.map((d, i) => {
      const through = i === 0 ? seen(matMul(dRecurrent, inputs.weightHh)) : undefined;
      const reached = d && through ? add(d, through) : (d ?? through)!;
      return real ? add(reached, mul(sub(1, real), dState[i]!)) : reached; // past the end the state is handed on
    });
    dx[t] = matMul(dInput, inputs.weightIh);
    weightIh = add(weightIh, matMul(dInput, x, true));
    weightHh = add(weightHh, matMul(dRecurrent, seen(before[0]!), true));
    biasIh = add(biasIh, sum(dInput, 0));
    biasHh = add(biasHh, sum(dRecurrent, 0));
  }
  const x = dx.length > 0 ? stack(dx, 1) : zerosLike(inputs.x);
  return { x, weightIh, weightHh, ...(weightHr && { weightHr }), biasIh, biasHh, state: dState };
}
