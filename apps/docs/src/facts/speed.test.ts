import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MeasuredSpeed } from './facts.ts';
import { ratio, speedByPackage, threeDigits } from './speed.ts';

const speed = JSON.parse(readFileSync(new URL('../../data/bench.json', import.meta.url), 'utf8')) as MeasuredSpeed;

describe('what the benchmark measured', () => {
  it('says when, where and with which versions', () => {
    expect(speed.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(speed.machine).not.toBe('');
    expect(Object.keys(speed.sides)).toContain('tfjs');
  });

  it('has rows of every package, each row once, all of them positive', () => {
    const groups = speedByPackage(speed.rows);
    expect([...groups.keys()]).toEqual(['@dl/core', '@dl/cnn', '@dl/rnn', '@dl/seq2seq-attention', '@dl/anomaly']);
    expect([...groups.values()].flat()).toHaveLength(speed.rows.length);
    for (const row of speed.rows) for (const ms of Object.values(row.ms)) expect(ms).toBeGreaterThan(0);
  });

  it('is compared by ratios of times', () => {
    const row = { name: 'x', goals: {}, ms: { ours: 2, tfjs: 5 } };
    expect(ratio(row, 'tfjs')).toBe(2.5);
    expect(ratio(row, 'torch')).toBeUndefined();
    expect([0.0058234, 1.5, 1623.4].map(threeDigits)).toEqual(['0.00582', '1.5', '1623']);
  });
});
