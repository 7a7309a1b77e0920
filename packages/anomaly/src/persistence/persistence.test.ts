import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors, type TensorSource } from '@dl/core/io';
import { expect, test } from 'vitest';
import * as novelty from '../novelty';
import { decodeDetector, loadDetector } from './decode';
import { encodeDetector, saveDetector } from './encode';

const rows = Array.from({ length: 40 }, (_, i) => ({ a: Math.sin(i), b: Math.cos(3 * i) }));
const fitted = () =>
  new novelty.LocalOutlierFactor({ nNeighbors: 3, scaler: 'standard', contamination: 0.2 }).fit(rows);

/** The file, with its parts changed. */
function tampered(change: (tensors: Map<string, TensorSource>, metadata: Map<string, string>) => void): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(encodeDetector(fitted()));
  const sources = new Map<string, TensorSource>(
    [...tensors].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.data() }]),
  );
  const texts = new Map(metadata);
  change(sources, texts);
  return encodeSafetensors(sources, texts);
}

test('a file on the disk keeps everything', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dl-anomaly-'));
  try {
    const detector = fitted();
    const path = join(folder, 'detector.safetensors');
    await saveDetector(path, detector);
    const loaded = await loadDetector(path);
    expect(loaded).toBeInstanceOf(novelty.LocalOutlierFactor);
    if (loaded.task !== 'novelty') throw new Error('another task');
    expect(loaded.options).toEqual(detector.options);
    expect(loaded.offset).toBe(detector.offset);
    expect(loaded.featureNames).toEqual(['a', 'b']);
    const later = [{ b: 0.3, a: 2 }];
    expect(loaded.scoreSamples(later)).toEqual(detector.scoreSamples(later));
    expect(loaded.knowledge.trainingScores()).toEqual(detector.knowledge.trainingScores());
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a threshold set after the fit is kept', () => {
  const loaded = decodeDetector(encodeDetector(fitted().withOffset(-3)));
  expect(loaded.offset).toBe(-3);
});

test('what a file cannot hold is refused when it is written', () => {
  const detector = new novelty.KNearestNeighbors({ metric: (a, b) => Math.abs(a[0]! - b[0]!) }).fit([[1], [2]]);
  expect(() => encodeDetector(detector)).toThrow("'metric' is a function");
  expect(() => encodeDetector(new novelty.KNearestNeighbors())).toThrow('is not fitted yet');
});

const number = (value: number): TensorSource => ({ dtype: 'F64', shape: [], data: [value] });
test.each([
  ['another format', (_, m) => m.set('format', 'pickle'), "its format is 'pickle'"],
  ['no metadata', (_, m) => m.clear(), "it has no 'format'"],
  ['a later version', (_, m) => m.set('version', '2'), 'install the one that wrote it'],
  ['an unknown detector', (_, m) => m.set('detector', 'constructor'), 'does not know'],
  ['an inherited name', (_, m) => m.set('detector', 'toString'), 'does not know'],
  ['an unknown task', (_, m) => m.set('task', '__proto__'), 'does not know'],
  ['options that are no JSON', (_, m) => m.set('options', '{'), 'is not JSON'],
  ['an unknown option', (_, m) => m.set('options', '{"__proto__": 1}'), 'does not know'],
  ['an option out of range', (_, m) => m.set('options', '{"nNeighbors": 0}'), 'in the range [1, inf)'],
  ['another number of features', (_, m) => m.set('features', '3'), 'for 3 features'],
  ['features that are no number', (_, m) => m.set('features', '-1'), 'for -1 features'],
  ['a missing array', (t) => t.delete('state.kDistances'), "it has no 'state.kDistances'"],
  ['an extra array', (t) => t.set('state.more', number(1)), "it holds 'state.more'"],
  [
    'another type',
    (t) => t.set('state.kDistances', { dtype: 'F32', shape: [40], data: new Float32Array(40) }),
    'is F32 [40]',
  ],
  [
    'a short array',
    (t) => t.set('state.kDistances', { dtype: 'F64', shape: [1], data: [1] }),
    'for each of 40 training rows',
  ],
  ['more neighbours than rows', (t) => t.set('state.nNeighbors', number(41)), '41 neighbours of 40 training rows'],
  ['a fraction of a neighbour', (t) => t.set('state.nNeighbors', number(2.5)), '2.5 neighbours'],
  ['a threshold that is none', (t) => t.set('offset', number(Number.NaN)), 'its offset is NaN'],
  [
    'a scaler that is none',
    (t) => t.set('preparation.factor', { dtype: 'F64', shape: [2], data: [1, Infinity] }),
    'not finite',
  ],
] as [string, Parameters<typeof tampered>[0], string][])('%s gives a FormatError', (_, change, message) => {
  const bytes = tampered(change);
  expect(() => decodeDetector(bytes)).toThrow(FormatError);
  expect(() => decodeDetector(bytes)).toThrow(message);
});

test('every truncation gives a FormatError', () => {
  const bytes = encodeDetector(fitted());
  for (let length = 0; length < bytes.length; length += 97) {
    expect(() => decodeDetector(bytes.subarray(0, length))).toThrow(FormatError);
  }
});
