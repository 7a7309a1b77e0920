import { describe, expect, test } from 'vitest';
import { type Key, key, keyFromJSON } from './key';
import { normalProbability, normalQuantile } from './normal-quantile';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const variance = (values: ArrayLike<number>) => {
  const m = mean(values);
  return mean(Array.from(values, (v) => (v - m) ** 2));
};
const hex = (k: Key) => k.words.map((w) => w.toString(16).padStart(8, '0')).join(' ');

/** Pearson's statistic of observed counts against equal expected ones. */
function chiSquare(counts: number[]): number {
  const expected = mean(counts);
  return counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
}

/** 99.99 % point of chi-square with k degrees of freedom (Wilson and Hilferty). */
const limit = (k: number) => k * (1 - 2 / (9 * k) + 3.719 * Math.sqrt(2 / (9 * k))) ** 3;

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ma, mb] = [mean(a), mean(b)];
  return mean(Array.from(a, (v, i) => (v - ma) * (b[i]! - mb))) / Math.sqrt(variance(a) * variance(b));
}

describe('the same numbers for ever', () => {
  test('keys', () => {
    expect({
      split: key(42).split(3).map(hex),
      fold: hex(key(42).fold(7)),
      child: hex(key(42).child('dropout')),
      large: hex(key(2 ** 52 + 3)),
    }).toMatchInlineSnapshot(`
      {
        "child": "cf4f4d06 5ebb3d1d",
        "fold": "25a7bb2b f394dbd4",
        "large": "00100000 00000003",
        "split": [
          "03d7b32d add083f4",
          "44ca21e3 1c35f481",
          "5a94bb15 9d328128",
        ],
      }
    `);
  });

  test('draws', () => {
    const k = key(42);
    expect({
      bits: [...k.bits(4)],
      uniform: [...k.uniform(3)],
      normal: [...k.normal(3)],
      truncatedNormal: [...k.truncatedNormal(3)],
      permutation: [...k.permutation(10)],
      integers: [...k.integers(8, -3, 4)],
      categorical: [...k.categorical([1, 0, 2], 8)],
    }).toMatchInlineSnapshot(`
      {
        "bits": [
          1832780943,
          270669613,
          430176367,
          3485206521,
        ],
        "categorical": [
          2,
          0,
          0,
          2,
          2,
          2,
          2,
          2,
        ],
        "integers": [
          -3,
          1,
          2,
          3,
          -3,
          1,
          2,
          2,
        ],
        "normal": [
          -0.1847117394208908,
          -1.5299044847488403,
          -1.2806503772735596,
        ],
        "permutation": [
          1,
          5,
          9,
          8,
          0,
          2,
          6,
          7,
          4,
          3,
        ],
        "truncatedNormal": [
          -0.17621764540672302,
          -1.3858072757720947,
          -1.1832696199417114,
        ],
        "uniform": [
          0.4267275333404541,
          0.06302016973495483,
          0.1001582145690918,
        ],
      }
    `);
  });

  test('fewer numbers are the start of more', () => {
    for (const draw of ['bits', 'uniform', 'normal', 'truncatedNormal'] as const) {
      expect([...key(1)[draw](7)]).toEqual([...key(1)[draw](100)].slice(0, 7));
    }
    expect(key(1).split(5).slice(0, 2).map(hex)).toEqual(key(1).split().map(hex));
  });

  test('a key goes through JSON', () => {
    const k = key(5).fold(9);
    expect(hex(keyFromJSON(JSON.parse(JSON.stringify(k))))).toBe(hex(k));
    for (const bad of [null, {}, [1], [1, 2, 3], [1, -1], [0.5, 1], ['1', 2], [2 ** 32, 0]]) {
      expect(() => keyFromJSON(bad)).toThrow('two whole numbers');
    }
  });
});

describe('independence', () => {
  test('split, fold, child and draws of one key have nothing in common', () => {
    const k = key(3);
    const keys = [k, ...k.split(50), ...Array.from({ length: 50 }, (_, i) => k.fold(i)), k.child(''), k.child('a')];
    keys.push(k.child('ab'), k.child('a').child('b'), k.child('ba'));
    const words = [...keys.map(hex), ...Array.from({ length: 50 }, (_, i) => hexPair(k.bits(100), i))];
    expect(new Set(words).size).toBe(words.length);
  });

  test('streams of neighbouring keys are not correlated', () => {
    const n = 4000;
    const streams = [key(0), key(1), ...key(0).split(4), key(0).fold(0), key(0).fold(1), key(0).child('a')];
    const draws = streams.map((k) => k.uniform(n));
    for (let i = 0; i < draws.length; i++) {
      for (let j = 0; j < i; j++) expect(Math.abs(correlation(draws[i]!, draws[j]!))).toBeLessThan(4.5 / Math.sqrt(n));
      expect(Math.abs(correlation(draws[i]!.subarray(1), draws[i]!.subarray(0, n - 1)))).toBeLessThan(
        4.5 / Math.sqrt(n),
      );
    }
  });

  test('every bit of the keys of a split is set half of the time', () => {
    const words = key(8)
      .split(4000)
      .flatMap((k) => [...k.words]);
    for (let bit = 0; bit < 32; bit++) {
      const ones = words.filter((w) => (w >>> bit) & 1).length;
      expect(Math.abs(ones - words.length / 2)).toBeLessThan(4.5 * Math.sqrt(words.length / 4));
    }
  });
});

describe('distributions', () => {
  const n = 100_000;

  test('uniform', () => {
    const values = key(10).uniform([n / 100, 100], { min: -2, max: 6 });
    expect(values).toHaveLength(n);
    expect(values.every((v) => v >= -2 && v < 6)).toBe(true);
    const counts = new Array<number>(64).fill(0);
    for (const v of values) counts[Math.floor((v + 2) * 8)]!++;
    expect(chiSquare(counts)).toBeLessThan(limit(63));
    expect(
      key(0)
        .uniform(1000, { min: 1e8, max: 1e8 + 8 })
        .every((v) => v < 1e8 + 8),
    ).toBe(true);
  });

  test('normal: mean, variance, skewness, kurtosis and equally likely bins', () => {
    const values = key(11).normal(n);
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(Math.abs(mean(values))).toBeLessThan(4.5 / Math.sqrt(n));
    expect(Math.abs(variance(values) - 1)).toBeLessThan(4.5 * Math.sqrt(2 / n));
    expect(Math.abs(mean(Array.from(values, (v) => v ** 3)))).toBeLessThan(4.5 * Math.sqrt(15 / n));
    expect(Math.abs(mean(Array.from(values, (v) => v ** 4)) - 3)).toBeLessThan(4.5 * Math.sqrt(96 / n));
    const counts = new Array<number>(20).fill(0);
    const edges = Array.from({ length: 19 }, (_, i) => normalQuantile((i + 1) / 20));
    for (const v of values) counts[edges.filter((edge) => edge < v).length]!++;
    expect(chiSquare(counts)).toBeLessThan(limit(19));
    expect(mean(key(11).normal(n, { mean: 5, std: 0.1 }))).toBeCloseTo(5, 2);
  });

  test('truncatedNormal stays in its bounds and has their variance', () => {
    const values = key(12).truncatedNormal(n, { mean: 1, std: 0.5 });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(2);
    expect(variance(values)).toBeCloseTo(0.25 * 0.7737, 2); // 1 - 2 * 2 phi(2) / (2 Phi(2) - 1)
    const tail = key(12).truncatedNormal(1000, { min: 3, max: 3.5 });
    expect(tail.every((v) => v >= 3 && v <= 3.5)).toBe(true);
  });

  test('permutation: all orders of four are equally likely', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = key(13).fold(i).permutation(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(limit(23));
    expect([...key(1).permutation(1000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(key(1).permutation(0)).toHaveLength(0);
  });

  test('integers over a range that does not divide 2^32', () => {
    const counts = new Array<number>(7).fill(0);
    for (const v of key(14).integers(n, -3, 4)) counts[v + 3]!++;
    expect(chiSquare(counts)).toBeLessThan(limit(6));
    const wide = key(14).integers(n, -(2 ** 31), 2 ** 31);
    expect(wide.filter((v) => v < 0).length / n).toBeCloseTo(0.5, 1);
    // 3 * 2^30: without rejection the lowest third would come up twice as often as the others
    const thirds = new Array<number>(3).fill(0);
    for (const v of key(15).integers(n, -(2 ** 31), 2 ** 30)) thirds[Math.floor((v + 2 ** 31) / 2 ** 30)]!++;
    expect(chiSquare(thirds)).toBeLessThan(limit(2));
  });

  test('categorical and choice', () => {
    const counts = new Array<number>(4).fill(0);
    for (const v of key(16).categorical([1, 0, 3, 0], n)) counts[v]!++;
    expect([counts[1], counts[3]]).toEqual([0, 0]);
    expect(Math.abs(counts[0]! / n - 0.25)).toBeLessThan(4.5 * Math.sqrt(0.1875 / n));
    const drawn = Array.from({ length: 300 }, (_, i) => key(17).fold(i).choice(['a', 'b', 'c']));
    expect(new Set(drawn).size).toBe(3);
  });
});

test('the normal quantile function', () => {
  // values of Python's statistics.NormalDist
  expect(normalQuantile(0.3)).toBeCloseTo(-0.5244005127080407, 14);
  expect(normalQuantile(0.975)).toBeCloseTo(1.9599639845400536, 14);
  expect(normalQuantile(0.01)).toBeCloseTo(-2.3263478740408408, 14);
  expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 13);
  expect(normalProbability(1.959963984540054)).toBeCloseTo(0.975, 14);
  expect(normalProbability(-50)).toBeCloseTo(0, 14);
});

test('refuses what it cannot draw', () => {
  expect(() => key(-1)).toThrow('whole number');
  expect(() => key(0.5)).toThrow('whole number');
  expect(() => key(0).fold(2 ** 32)).toThrow('whole number');
  expect(() => key(0).uniform(1, { min: 1, max: 1 })).toThrow('empty');
  expect(() => key(0).integers(1, 3, 3)).toThrow('no int32');
  expect(() => key(0).categorical([0, 0], 1)).toThrow('add up to 0');
  expect(() => key(0).categorical([1, Number.NaN], 1)).toThrow('weight 1 is NaN');
  expect(() => key(0).bits([2, -1])).toThrow('whole number');
});

function hexPair(words: Uint32Array, i: number): string {
  return `${words[2 * i]!.toString(16).padStart(8, '0')} ${words[2 * i + 1]!.toString(16).padStart(8, '0')}`;
}
