import { ConfigError, FormatError, init, key, ShapeError } from '@dl/core';
import { memory, tensor } from '@dl/core/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { ParameterError, TaskError } from '../errors';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import * as cnn from '.';

beforeAll(() => init());

const [HEIGHT, WIDTH] = [7, 6];
/** An image of one bar, upright or lying, a little noisy. */
function bar(at: number, upright: boolean, seed = 0): number[] {
  const noise = key(seed)
    .fold(at)
    .normal(HEIGHT * WIDTH);
  return Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const on = (upright ? i % WIDTH : Math.floor(i / WIDTH)) === at;
    return Math.fround(Number(on) + 0.05 * noise[i]!);
  });
}
const rows = Array.from({ length: 60 }, (_, i) => bar(i % WIDTH, true, i));
const inside = Array.from({ length: 6 }, (_, i) => bar(i, true, 100));
const outside = Array.from({ length: 7 }, (_, i) => bar(i, false, 100));
const images = (of: readonly number[][]) => ({
  data: Float32Array.from(of.flat()),
  shape: [of.length, HEIGHT, WIDTH, 1],
});
const OPTIONS = {
  imageShape: [HEIGHT, WIDTH, 1],
  channels: [4, 8],
  codeSize: 8,
  batchSize: 10,
  learningRate: 0.01,
  epochs: 40,
} as const;
const make = (options: cnn.ConvolutionalAutoEncoderOptions = {}) =>
  new cnn.novelty.ConvolutionalAutoEncoder({ ...OPTIONS, ...options });

describe('novelty', () => {
  test('tells lying bars from upright ones, leaves no tensor, and is drawn by its key alone', () => {
    const before = memory().numTensors;
    const detector = make().fit(rows);
    const scores = detector.scoreSamples(inside);
    expect(memory().numTensors).toBe(before);
    expect(Math.max(...detector.scoreSamples(outside))).toBeLessThan(Math.min(...scores));
    expect([...detector.predict(outside)].every((label) => label === -1)).toBe(true);
    expect(make().fit(rows).scoreSamples(inside)).toEqual(scores);
    expect(
      make({ key: key(5) })
        .fit(rows)
        .scoreSamples(inside),
    ).not.toEqual(scores);
  });

  test('images with axes, as tensors or numbers, score as flat rows do', () => {
    const flat = make({ epochs: 2 }).fit(rows);
    const shaped = make({ epochs: 2, imageShape: 'auto' }).fit(images(rows));
    expect([...shaped.fitted.imageShape!]).toEqual([HEIGHT, WIDTH, 1]);
    const scores = flat.scoreSamples(inside);
    expect(shaped.scoreSamples(images(inside))).toEqual(scores);
    expect(shaped.scoreSamples(inside)).toEqual(scores);
    using x = tensor(images(inside).data, [inside.length, HEIGHT, WIDTH, 1]);
    expect(shaped.scoreSamples(x)).toEqual(scores);
  });

  test('the score of an image depends on no other', () => {
    const detector = make({ epochs: 2 }).fit(rows);
    const together = detector.scoreSamples([...inside, ...outside]);
    for (const [i, image] of [...inside, ...outside].entries()) {
      expect(detector.scoreSamples([image])[0]! / together[i]!).toBeCloseTo(1, 5);
    }
  });

  test('a scaler and medians for holes keep the axes', () => {
    const detector = make({ epochs: 1, imageShape: 'auto', scaler: 'minMax', missing: 'impute' }).fit(images(rows));
    const holes = images(inside);
    holes.data[3] = Number.NaN;
    expect(detector.scoreSamples(holes).every(Number.isFinite)).toBe(true);
  });

  test('contributions add up to the negative score, and show what is odd', () => {
    const detector = make().fit(rows);
    const odd = [...inside[0]!];
    odd[3 * WIDTH + 4]! += 3;
    const contributions = detector.explain([odd]);
    expect(contributions.reduce((a, b) => a + b)).toBeCloseTo(-detector.scoreSamples([odd])[0]!, 12);
    expect(contributions.indexOf(Math.max(...contributions))).toBe(3 * WIDTH + 4);
  });

  test('its file gives the same scores, and one that does not fit is refused', () => {
    const detector = make({ epochs: 2 }).fit(rows);
    const bytes = encodeDetector(detector);
    const copy = decodeDetector(bytes, cnn);
    if (copy.task !== 'novelty') throw new Error('another task');
    expect(copy.options).toEqual(detector.options);
    expect(copy.offset).toBe(detector.offset);
    expect(copy.scoreSamples(inside)).toEqual(detector.scoreSamples(inside));
    expect(() => decodeDetector(bytes)).toThrow('@dl/anomaly/cnn');
    const { state } = detector.knowledge;
    for (const broken of [
      { ...state, imageShape: Int32Array.of(2, 2, 1) },
      { ...state, imageShape: Int32Array.of(HEIGHT, WIDTH) },
      { ...state, '1.weight': state['1.weight']!.slice(1) },
      { ...state, '1.bias': new Float32Array(4).fill(Number.NaN) },
    ]) {
      const wrong = encodeDetector(detector.like({ ...detector.knowledge, state: broken }));
      expect(() => decodeDetector(wrong, cnn)).toThrow(FormatError);
    }
  });
});

test.each([
  { shape: [1, 1, 1], channels: [3] },
  { shape: [5, 9, 2], channels: [2, 3, 4] },
  { shape: [8, 8, 3], channels: [5] },
] as const)('images of $shape through $channels', ({ shape, channels }) => {
  const size = shape[0] * shape[1] * shape[2];
  const data = key(3).uniform(4 * size);
  const detector = make({ imageShape: 'auto', channels, activation: 'elu', epochs: 1 });
  const scores = detector.fit({ data, shape: [4, ...shape] }).scoreSamples({ data, shape: [4, size] });
  expect(scores).toHaveLength(4);
  expect(scores.every(Number.isFinite)).toBe(true);
  expect(decodeDetector(encodeDetector(detector), cnn).features).toBe(size);
});

test('outlier: judges the images it learns', () => {
  const judge = new cnn.outlier.ConvolutionalAutoEncoder({ ...OPTIONS, contamination: 0.05 });
  const labels = judge.fitPredict([...rows, ...outside.slice(2, 4)]);
  expect([...labels.slice(-2)]).toEqual([-1, -1]);
  expect(judge.scores).toHaveLength(62);
  expect(() => (judge as unknown as { predict(x: number[][]): void }).predict(rows)).toThrow(TaskError);
});

test('images and options that do not fit are refused', () => {
  const square = make({ imageShape: 'auto' });
  expect(() => square.fit(rows)).toThrow(ConfigError);
  expect(() => square.fit(rows)).toThrow('42 features are no square image');
  expect(() => make({ imageShape: [2, 2, 1] }).fit(rows)).toThrow(ShapeError);
  expect(() => make({ imageShape: [WIDTH, HEIGHT, 1] }).fit(images(rows))).toThrow('another shape');
  expect(() => make().fit({ data: images(rows).data, shape: [60, HEIGHT, WIDTH] })).toThrow('an image has 3 axes');
  const detector = make({ epochs: 1 }).fit(rows);
  expect(() => detector.scoreSamples({ data: images(inside).data, shape: [6, WIDTH, HEIGHT, 1] })).toThrow(ShapeError);
  expect(() => detector.scoreSamples([[1, 2]])).toThrow('expecting 42 features');
  // @ts-expect-error two sizes
  expect(() => make({ imageShape: [7, 6] })).toThrow(ParameterError);
  expect(() => make({ channels: [] })).toThrow(ParameterError);
  expect(() => make({ codeSize: 0 })).toThrow(ParameterError);
});
