import { key } from '@dl/core';
import { add, grads, mul, sum, type Tensor, tensor, tidy, withComposedOps } from '@dl/core/ops';
import { expectClose, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { attendingLstm } from './attending-lstm';

interface Sizes {
  batch: number;
  steps: number;
  keys: number;
  /** Features of x, of the memory, of the state, and in which queries and keys are compared. */
  widths: readonly [inputs: number, features: number, hidden: number, compared: number];
  biases?: boolean;
  lengths?: readonly number[];
}

const sizes: Record<string, Sizes> = {
  'one step of one sequence': { batch: 1, steps: 1, keys: 3, widths: [2, 3, 5, 4] },
  'fewer rows than are packed for': { batch: 2, steps: 3, keys: 9, widths: [4, 8, 4, 12], lengths: [9, 4] },
  'rows that are packed for': { batch: 7, steps: 4, keys: 5, widths: [3, 6, 9, 7], lengths: [5, 0, 1, 5, 2, 3, 4] },
  'without biases': { batch: 5, steps: 2, keys: 2, widths: [1, 1, 1, 1], biases: false },
};

const names = ['x', 'memory', 'projected', 'weightIh', 'weightHh', 'weightQuery', 'v', 'h0', 'c0'] as const;
const biasNames = ['biasIh', 'biasHh', 'biasQuery'] as const;

/** The outputs, and the gradients of all inputs from arbitrary gradients of the outputs. */
function run({ batch, steps, keys, widths, biases = true, lengths }: Sizes) {
  const [inputs, features, hidden, compared] = widths;
  const shapes = {
    x: [batch, steps, inputs],
    memory: [batch, keys, features],
    projected: [batch, keys, compared],
    weightIh: [4 * hidden, inputs + features],
    weightHh: [4 * hidden, hidden],
    weightQuery: [compared, hidden],
    v: [compared],
    h0: [batch, hidden],
    c0: [batch, hidden],
    biasIh: [4 * hidden],
    biasHh: [4 * hidden],
    biasQuery: [compared],
    output: [batch, steps, hidden],
    context: [batch, steps, features],
    weights: [batch, steps, keys],
    c: [batch, hidden],
  };
  const draw = (name: keyof typeof shapes) => {
    const shape = shapes[name];
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(key(1).child(name).uniform(size, { min: -1, max: 1 }), shape);
  };
  const given = [...names, ...(biases ? biasNames : [])];
  const seen = lengths?.flatMap((length) => Array.from({ length: keys }, (_, j) => (j < length ? 1 : 0)));
  const mask = seen && tensor(seen, [batch, 1, keys]);
  const apply = (values: readonly Tensor[]) => {
    const named = Object.fromEntries(given.map((name, i) => [name, values[i]!]));
    return attendingLstm({ ...(named as Record<(typeof names)[number], Tensor>), mask });
  };
  const loss = (...values: Tensor[]) => {
    const y = apply(values);
    const parts = (['output', 'context', 'weights', 'c'] as const).map((name) => sum(mul(y[name], draw(name))));
    return parts.reduce((a, b) => add(a, b));
  };
  const values = given.map(draw);
  const slopes = grads(loss)(values).map((slope, i) => [`gradient of ${given[i]}`, slope] as const);
  return { ...apply(values), ...Object.fromEntries(slopes) };
}

onBackends(['wasm'], () => {
  test.each(Object.entries(sizes))('%s: the kernels give what the steps give', (_, of) => {
    tidy(() => {
      const own: Record<string, Tensor> = run(of);
      const wanted: Record<string, Tensor> = withComposedOps(() => run(of));
      expect(Object.keys(own)).toEqual(Object.keys(wanted));
      for (const [name, value] of Object.entries(wanted)) expectClose(own[name]!, value, 1e-5, name);
    });
  });
});
