import { ConfigError, key, memory } from '@dl/core';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { seq2seq } from '../model';
import { Transformer } from '../transformer';
import { Alignment, alignment } from './index';

const example = new Alignment(
  ['7', '월', ' ', '</b>'],
  ['07', '-'],
  [
    [0.9, 0.1, 0, 0],
    [0.01, 0.3, 0.5, 0.19],
  ],
);

test('the heat map of the terminal: wide characters keep their columns', () => {
  expect(example.toString({ cell: 2 }).split('\n')).toEqual(
    ['    7  월 ␣  </', '07  ██ ·· ', ' -     ░░ ▒▒ ··'].map((line) => line.trimEnd()),
  );
});

test('the picture names its tokens and hides no markup', () => {
  const svg = example.toSVG({ title: 'a & b' });
  expect(svg.match(/<rect /g)).toHaveLength(1 + 8);
  expect(svg).toContain('<title>a &amp; b</title>');
  expect(svg).toContain('&lt;/b&gt;');
  expect(svg).not.toContain('</b>');
  expect(svg).toContain('fill-opacity="0.900"');
});

test('weights that do not fit are refused', () => {
  expect(() => new Alignment(['a'], ['b'], [[1, 0]])).toThrow(ConfigError);
});

onBackends(['wasm', 'cpu'], () => {
  test('the weights of a model, for what it writes or for a target that is given', () => {
    const models = [
      seq2seq({ source: 9, target: 8, hidden: 6, attention: 'additive', key: key(0) }),
      new Transformer({ source: 9, target: 8, dim: 8, heads: 2, key: key(0) }),
    ];
    for (const model of models) {
      const before = memory().numTensors;
      const given = alignment(model as never, [4, 5, 8], {
        target: [6, 5],
        names: { source: (t) => `s${t}`, target: (t) => `t${t}` },
      });
      expect(given.source).toEqual(['s4', 's5', 's8']);
      expect(given.target).toEqual(['t6', 't5', '</s>']);
      for (const row of given.weights) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      const own = alignment(model as never, [4], { maxLength: 3 });
      expect(own.weights.every((row) => Math.abs(row[0]! - 1) < 1e-5)).toBe(true);
      expect(memory().numTensors).toBe(before);
      model.dispose();
    }
    using plain = seq2seq({ source: 9, target: 8, hidden: 6, key: key(0) });
    expect(() => alignment(plain, [4, 5])).toThrow(/has no attention/);
  });
});
