import { init, key } from '@dl/core';
import { Translator } from '@dl/seq2seq-attention';
import { beforeAll, expect, test } from 'vitest';
import { read } from './compute';

beforeAll(async () => {
  await init();
});

test('what is written, what it looked at, and what was never seen', () => {
  using translator = Translator.of([['ab', '12']], { model: { hidden: 4, attention: 'additive' }, key: key(0) });
  const reading = read(translator, ' abx ')!;
  expect(reading.source).toEqual(['a', 'b', 'x']);
  expect(reading.unknown).toEqual(['x']);
  expect(reading.weights.length).toBe(reading.target.length);
  for (const row of reading.weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  expect(read(translator, '  ')).toBeUndefined();
});
