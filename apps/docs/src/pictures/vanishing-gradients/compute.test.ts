import { init } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { flows } from './compute';

beforeAll(async () => {
  await init();
});

const usual = { time: 30, scale: 1, forgetBias: 3, seed: 0 };
const kept = (norms: Float32Array) => norms[0]! / norms.at(-1)!;

test('the plain network forgets, and the LSTM keeps more the larger the forget bias', () => {
  const before = memory().numTensors;
  const { rnn, lstm } = flows(usual);
  expect([rnn.length, lstm.length]).toEqual([30, 30]);
  expect(kept(rnn)).toBeLessThan(1e-4);
  expect(kept(lstm)).toBeGreaterThan(100 * kept(rnn));
  expect(kept(flows({ ...usual, forgetBias: -2 }).lstm)).toBeLessThan(kept(lstm) / 1000);
  expect(memory().numTensors).toBe(before);
});

test('larger weights keep the gradient of the plain network up', () => {
  expect(kept(flows({ ...usual, scale: 2 }).rnn)).toBeGreaterThan(100 * kept(flows(usual).rnn));
});
