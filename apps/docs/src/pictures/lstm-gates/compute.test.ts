import { init, key } from '@dl/core';
import { memory, tensor } from '@dl/core/ops';
import { LSTM } from '@dl/rnn';
import { beforeAll, expect, test } from 'vitest';
import { accumulator, gatesOf, PARTS, runningSums } from './compute';

beforeAll(async () => {
  await init();
});

const steps = [
  { value: 0.5, marked: true },
  { value: 0.2, marked: false },
  { value: 0.25, marked: true },
];

test('are those of the layer: the hidden states are its output', () => {
  using layer = new LSTM({ in: 2, hidden: 5, key: key(3) });
  const before = memory().numTensors;
  const gates = gatesOf(layer, steps);
  expect(memory().numTensors).toBe(before);
  using x = tensor(
    steps.flatMap(({ value, marked }) => [value, Number(marked)]),
    [1, 3, 2],
  );
  const { output } = layer.predict(x);
  const wanted = output.dataSync();
  for (const part of PARTS) expect(gates[part].map((row) => row.length)).toEqual([5, 5, 5]);
  for (const [t, row] of gates.h.entries()) {
    for (const [u, value] of row.entries()) expect(value).toBeCloseTo(wanted[5 * t + u]!, 5);
  }
  for (const [t, row] of gates.c.entries()) {
    for (const [u, value] of row.entries()) {
      const kept = t > 0 ? gates.f[t]![u]! * gates.c[t - 1]![u]! : 0;
      expect(value).toBeCloseTo(kept + gates.i[t]![u]! * gates.g[t]![u]!, 5);
    }
  }
});

test('running sums, and the cell that follows them', () => {
  const sums = runningSums(steps);
  expect(sums).toEqual([0.5, 0.5, 0.75]);
  const none = [0, 0, 0].map(() => new Float32Array(3));
  const c = sums.map((sum, t) => Float32Array.of(t, -2 * sum, 1));
  expect(accumulator({ i: none, f: none, g: none, o: none, h: none, c }, sums)).toBe(1);
});
