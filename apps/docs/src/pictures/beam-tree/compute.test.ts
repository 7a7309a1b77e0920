import { init, key } from '@dl/core';
import { memory } from '@dl/core/ops';
import { seq2seq } from '@dl/seq2seq-attention';
import { beforeAll, expect, test } from 'vitest';
import { beamTree } from './compute';

beforeAll(async () => {
  await init();
});

const source = [4, 5, 6, 7];

test('the tree holds what the search found, and as much as it looked at', () => {
  using model = seq2seq({ source: 9, target: 12, hidden: 8, attention: 'general', key: key(4) });
  const before = memory().numTensors;
  const { nodes, best, path } = beamTree(model, source, { beam: 3, maxLength: 8 });
  expect(memory().numTensors).toBe(before);
  const last = nodes[Math.max(...path)]!;
  expect(path.size).toBe(best.tokens.length + 1);
  expect(last.token).toBe(3);
  expect(last.logProb).toBeCloseTo(best.logProb, 4);
  for (let depth = 0; depth <= last.depth; depth++) {
    const level = nodes.filter((node) => node.depth === depth);
    if (depth < 8) expect(level.length).toBe(6);
    expect(level.filter(({ fate }) => fate === 'followed').length).toBeLessThanOrEqual(3);
    for (const node of level) if (node.before !== undefined) expect(nodes[node.before]!.fate).toBe('followed');
  }
});

test('a wider beam finds nothing less likely, and the model is left as it was', () => {
  using model = seq2seq({ source: 9, target: 12, hidden: 8, attention: undefined, key: key(5) });
  const greedy = beamTree(model, source, { beam: 1, maxLength: 6 });
  const wide = beamTree(model, source, { beam: 12, maxLength: 6 });
  expect(wide.best.score).toBeGreaterThanOrEqual(greedy.best.score);
  expect(Object.keys(model)).not.toContain('step');
  expect(Object.hasOwn(model, 'step')).toBe(false);
});
