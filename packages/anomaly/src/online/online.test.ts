import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatError, key, NumericsError, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors, type TensorSource } from '@dl/core/io';
import { describe, expect, test } from 'vitest';
import { ParameterError } from '../errors';
import * as online from '.';

const calm = Array.from(key(1).normal([2000]));
const rows = Array.from({ length: 500 }, (_, i) => [calm[2 * i]!, calm[2 * i + 1]!]);

describe.each([
  { name: 'EWMA', make: () => new online.EWMA() },
  { name: 'CUSUM', make: () => new online.CUSUM() },
])('$name', ({ make }) => {
  test('a lasting shift of one deviation is found within 60 values, and seldom where there is none', () => {
    const chart = make();
    const alarms = calm.slice(0, 300).filter((value) => chart.update(value).label === -1).length;
    expect(alarms).toBeLessThan(6);
    expect(calm.slice(300, 360).some((value) => chart.update(value + 1).label === -1)).toBe(true);
  });

  test('nothing is judged in the warm-up, and no value but a number is taken', () => {
    const chart = make();
    for (const value of calm.slice(0, 50)) expect(chart.update(value)).toEqual({ score: Number.NaN, label: 1 });
    expect(chart.update(0).score).not.toBeNaN();
    expect(() => chart.update(Number.NaN)).toThrow(NumericsError);
  });

  test('after a constant warm-up any other value is an outlier', () => {
    const chart = make();
    for (let t = 0; t < 60; t++) expect(chart.update(3).label).toBe(1);
    expect(chart.update(3.1)).toEqual({ score: Number.NEGATIVE_INFINITY, label: -1 });
  });
});

test('the statistics are those of the formulas', () => {
  const [ewma, cusum] = [new online.EWMA({ warmUp: 2, lambda: 0.5 }), new online.CUSUM({ warmUp: 2, drift: 0.5 })];
  const deviation = Math.SQRT2; // of -1 and 1
  for (const chart of [ewma, cusum]) for (const value of [-1, 1]) chart.update(value);
  const [z1, z2] = [2 / deviation, -1 / deviation];
  expect(ewma.update(2).score).toBeCloseTo(-(0.5 * z1) / Math.sqrt((0.5 / 1.5) * (1 - 0.25)), 12);
  expect(ewma.update(-1).score).toBeCloseTo(
    -Math.abs(0.5 * z2 + 0.25 * z1) / Math.sqrt((0.5 / 1.5) * (1 - 0.0625)),
    12,
  );
  expect(cusum.update(2).score).toBeCloseTo(-(z1 - 0.5), 12);
  expect(cusum.update(-1).score).toBeCloseTo(-Math.max(0, z1 - 0.5 + z2 - 0.5, -z2 - 0.5), 12);
});

test('SPOT puts its threshold where the tail says, learns no outlier, and follows peaks', () => {
  const values = Array.from(key(2).uniform([6000]), (u) => -Math.log(1 - u)); // exponential: the quantile is -ln(risk)
  const spot = new online.SPOT({ risk: 1e-3, warmUp: 4000 });
  expect(spot.threshold).toBeNaN();
  let alarms = 0;
  for (const value of values) if (spot.update(value).label === -1) alarms++;
  expect(spot.threshold).toBeGreaterThan(6);
  expect(spot.threshold).toBeLessThan(8);
  expect(alarms).toBeLessThan(10);
  const before = spot.threshold;
  const verdict = spot.update(before + 1);
  expect(verdict.label).toBe(-1);
  expect(verdict.score).toBeLessThan(-1);
  expect(spot.threshold).toBe(before);
  expect(spot.update(before - 0.01).label).toBe(1);
  expect(spot.threshold).toBeGreaterThan(before);
});

test('SPOT of a constant stream takes anything larger for an outlier', () => {
  const spot = new online.SPOT({ warmUp: 100 });
  for (let t = 0; t < 150; t++) expect(spot.update(5).label).toBe(1);
  expect(spot.update(5.5).label).toBe(-1);
});

test('DSPOT follows a drift in which SPOT cries wolf', () => {
  const drifting = calm.map((value, t) => value + t / 100);
  const [spot, dspot] = [new online.SPOT({ warmUp: 500 }), new online.DSPOT({ warmUp: 500 })];
  const alarms = (of: online.OnlineDetector) => drifting.filter((value) => of.update(value).label === -1).length;
  expect(alarms(spot)).toBeGreaterThan(100);
  expect(alarms(dspot)).toBeLessThan(10);
  expect(dspot.update(drifting.at(-1)! + 15).label).toBe(-1);
  expect(dspot.update(20).label).toBe(1);
});

test('half-space trees score odd rows low, are drawn by their key, and forget what is two windows old', () => {
  const make = (seed = 0) => new online.HalfSpaceTrees({ window: 100, key: key(seed) });
  const trees = make();
  const verdicts = rows.map((row) => trees.update(row));
  expect(verdicts.slice(0, 100).every(({ score, label }) => Number.isNaN(score) && label === 1)).toBe(true);
  const judged = verdicts.slice(100).map(({ score }) => score);
  expect(judged.every((score) => score >= 0)).toBe(true);
  const middle = judged.slice().sort((a, b) => a - b)[200]!;
  expect(trees.update([7, -7]).score).toBeLessThan(middle / 4);
  const again = make();
  expect(rows.map((row) => again.update(row))).toEqual(verdicts);
  const other = make(1);
  expect(rows.map((row) => other.update(row))).not.toEqual(verdicts);
  const moved = make();
  for (const row of rows) moved.update(row);
  for (const [x, y] of rows.slice(0, 200)) moved.update([x! + 4, y! + 4]);
  expect(moved.update([4, 4]).score).toBeGreaterThan(moved.update([0, 0]).score);
  expect(() => trees.update([1])).toThrow(ShapeError);
  expect(() => trees.update([1, Number.NaN])).toThrow(NumericsError);
});

test('half-space trees label by the threshold: that of a share of the first window, or one that is given', () => {
  const trees = new online.HalfSpaceTrees({ window: 250 });
  expect(trees.offset).toBeNaN();
  const verdicts = rows.map((row) => trees.update(row));
  expect(trees.offset).toBeGreaterThan(0);
  for (const { score, label } of verdicts.slice(250)) expect(label).toBe(score < trees.offset ? -1 : 1);
  expect(verdicts.filter(({ label }) => label === -1).length).toBeLessThan(25); // of 250 that were judged
  expect(trees.update([7, -7]).label).toBe(-1);
  expect(trees.update([0, 0]).label).toBe(1);
  const none = new online.HalfSpaceTrees({ window: 250, threshold: 0 });
  expect(rows.concat([[7, -7]]).every((row) => none.update(row).label === 1)).toBe(true);
  const share = new online.HalfSpaceTrees({ window: 250, contamination: 0.2 });
  for (const row of rows) share.update(row);
  expect(share.offset).toBeGreaterThan(trees.offset);
});

const resumed = [
  { name: 'EWMA', Class: online.EWMA, options: { warmUp: 40 } },
  { name: 'CUSUM', Class: online.CUSUM, options: { warmUp: 40, drift: 0.3 } },
  { name: 'SPOT', Class: online.SPOT, options: { warmUp: 300, risk: 1e-3 } },
  { name: 'DSPOT', Class: online.DSPOT, options: { warmUp: 300, depth: 7 } },
  { name: 'HalfSpaceTrees', Class: online.HalfSpaceTrees, options: { window: 60, depth: 5, nTrees: 4, key: key(3) } },
] as unknown as {
  name: string;
  Class: new (options?: object) => online.OnlineDetector<object, unknown>;
  options: object;
}[];

describe.each(resumed)('$name in a file', ({ name, Class, options }) => {
  const stream: unknown[] =
    name === 'HalfSpaceTrees' ? rows : calm.slice(0, 900).map((v, t) => v * (t % 90 === 0 ? 3 : 1));

  test.each([0, 1, 5, 39, 59, 60, 299, 310, 450])(
    'goes on bit for bit after %i values, and so does its copy',
    (pause) => {
      const detector = new Class(options);
      for (const value of stream.slice(0, pause)) detector.update(value);
      const copy = online.decode(online.encode(detector), Class);
      expect(copy).toBeInstanceOf(Class);
      expect(copy.options).toEqual(detector.options);
      const rest = stream.slice(pause, 500);
      expect(rest.map((value) => copy.update(value))).toEqual(rest.map((value) => detector.update(value)));
      expect(online.encode(copy)).toEqual(online.encode(detector));
    },
  );

  test('a truncated, hostile or other file gives a FormatError', () => {
    const detector = new Class(options);
    for (const value of stream.slice(0, 400)) detector.update(value);
    const bytes = online.encode(detector);
    for (let length = 0; length < bytes.length; length += 1 + (bytes.length >> 5)) {
      expect(() => online.decode(bytes.subarray(0, length), Class)).toThrow(FormatError);
    }
    const { tensors, metadata } = decodeSafetensors(bytes);
    const refused = (change: (entries: Map<string, TensorSource>, texts: Map<string, string>) => void) => {
      const entries = new Map<string, TensorSource>(
        [...tensors].map(([entry, { dtype, shape }]) => [entry, { dtype, shape, data: tensors.get(entry)!.data() }]),
      );
      const texts = new Map(metadata);
      change(entries, texts);
      expect(() => online.decode(encodeSafetensors(entries, texts), Class)).toThrow(FormatError);
    };
    for (const [entry, { dtype, shape }] of tensors) {
      refused((entries) => entries.delete(entry));
      refused((entries) => entries.set(entry, { dtype: 'I32', shape: [2, 2], data: new Int32Array(4) }));
      if (shape.length === 0 || dtype !== 'F64') continue;
      refused((entries) => entries.set(entry, { dtype, shape: [1234], data: new Float64Array(1234).fill(Number.NaN) }));
    }
    refused((entries) => entries.set('state.more', { dtype: 'F64', shape: [], data: [1] }));
    refused((_, texts) => texts.set('detector', 'constructor'));
    refused((_, texts) => texts.set('task', 'novelty'));
    refused((_, texts) => texts.set('options', '{"warmUp": -1, "window": -1}'));
    refused((_, texts) => texts.set('options', '{"__proto__": 1}'));
    refused((_, texts) => texts.set('version', '2'));
    const other = () => (name === 'EWMA' ? online.decode(bytes, online.CUSUM) : online.decode(bytes, online.EWMA));
    expect(other).toThrow(`it holds '${name}'`);
  });
});

test.each([
  ['a count that is none', 'judged', -1],
  ['half a count', 'judged', 0.5],
] as const)('%s is refused', (_, entry, value) => {
  const { tensors, metadata } = decodeSafetensors(online.encode(new online.EWMA()));
  const entries = new Map<string, TensorSource>(
    [...tensors].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.data() }]),
  );
  entries.set(`state.${entry}`, { dtype: 'F64', shape: [], data: [value] });
  expect(() => online.decode(encodeSafetensors(entries, metadata), online.EWMA)).toThrow(`${value} values were judged`);
});

test('on the disk as in memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dl-online-'));
  try {
    const spot = new online.SPOT({ warmUp: 100 });
    for (const value of calm.slice(0, 150)) spot.update(value);
    await online.save(join(folder, 'spot.safetensors'), spot);
    const later = await online.load(join(folder, 'spot.safetensors'), online.SPOT);
    expect(later.threshold).toBe(spot.threshold);
    expect(later.update(2)).toEqual(spot.update(2));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('options out of range are refused', () => {
  expect(() => new online.EWMA({ lambda: 0 })).toThrow(ParameterError);
  expect(() => new online.CUSUM({ drift: -1 })).toThrow(ParameterError);
  expect(() => new online.SPOT({ warmUp: 10 })).toThrow(ParameterError);
  expect(() => new online.DSPOT({ depth: 0 })).toThrow(ParameterError);
  expect(() => new online.HalfSpaceTrees({ depth: 30 })).toThrow('an int in the range [1, 16]');
});
