import { BackendError } from '@dl/core';
import { expect, test } from 'vitest';
import * as deep from '.';

// In a process of its own, in which nothing has called init().

const rows = [
  [1, 2],
  [2, 3],
  [3, 1],
];

test('a fit before init() says what is missing', () => {
  for (const Learner of Object.values(deep.novelty)) {
    if (Learner === deep.novelty.DIF) continue; // trains nothing
    expect(() => new Learner().fit(rows)).toThrow(BackendError);
    expect(() => new Learner().fit(rows)).toThrow('await init()');
  }
});

test('a detector that was fitted elsewhere scores without a backend', () => {
  const none = new Float64Array(0);
  const detector = new deep.novelty.AutoEncoder({ hiddenSizes: [1], scaler: 'none' }).like({
    state: {
      '0.weight': Float32Array.of(1, 0),
      '0.bias': Float32Array.of(0),
      '1.weight': Float32Array.of(2, 0),
      '1.bias': Float32Array.of(0, 1),
    },
    preparation: { fill: none, shift: none, factor: none },
    columns: 2,
    names: undefined,
    trainingScores: () => none,
    offset: () => -1,
  });
  const row = [0.5, 4];
  expect(detector.scoreSamples([row])[0]).toBeCloseTo(-((0.5 - 2 * Math.tanh(0.5)) ** 2 + 9) / 2, 12);
  expect([...detector.predict([row])]).toEqual([-1]);
});
