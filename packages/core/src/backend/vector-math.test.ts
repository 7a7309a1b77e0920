import { engine } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Heap } from './heap';
import { init } from './init';
import { KernelModule } from './kernel-module';
import { binaries, type Kernels } from './kernels.generated';

type Name = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'softplus' | 'erf';

/** Float32 numbers spread evenly over all bit patterns (so over all magnitudes, both signs), and the special ones. */
const everywhere = Float32Array.from([
  ...new Float32Array(Uint32Array.from({ length: 200_000 }, (_, i) => i * 21_473).buffer),
  ...[0, -0, 1, -1, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
]);
/** Evenly over the range where the functions bend. */
const bend = Float32Array.from({ length: 200_000 }, (_, i) => (i - 100_000) / 1000);

/** Both builds, whichever of them this engine would choose. */
const builds = {
  plain: new KernelModule<Kernels>({ plain: binaries.plain, relaxed: binaries.plain }),
  relaxed: new KernelModule<Kernels>(binaries),
};

let heap: Heap;
beforeAll(async () => {
  await init();
  heap = Heap.of(engine().backend);
});

function apply(name: Name, x: Float32Array, build: keyof typeof builds = 'plain'): Float32Array {
  return heap.scratch(x.byteLength, (address) => {
    heap.floats(address, x.length).set(x);
    builds[build].on(heap)[name](address, address, x.length);
    return heap.floats(address, x.length).slice();
  });
}

/** erf in float64: its power series below 3, the continued fraction of erfc above. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = a;
  for (let n = 60; n > 0; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (fraction * Math.sqrt(Math.PI)));
}

/** The largest error that `y` makes, as a share of `scale(expected)`; specials have to agree exactly. */
function worst(x: Float32Array, y: Float32Array, f: (x: number) => number, scale: (expected: number) => number) {
  let error = 0;
  let at = Number.NaN;
  for (const [i, value] of y.entries()) {
    const expected = f(x[i]!);
    if (Object.is(value, Math.fround(expected)) || (value === 0 && expected === 0)) continue;
    const e = Math.abs(value - expected) / scale(expected);
    if (!(e <= error)) [error, at] = [Number.isNaN(e) ? Number.POSITIVE_INFINITY : e, x[i]!];
  }
  return { error, at };
}

/** Below the normal numbers, half a denormal step is all that float32 can promise. */
const relative = (expected: number) => Math.max(Math.abs(expected), 2 ** -126);
const absolute = () => 1;

const functions: [Name, (x: number) => number, number, (expected: number) => number][] = [
  ['exp', Math.exp, 2e-7, relative],
  ['expm1', Math.expm1, 5e-7, relative],
  ['log', Math.log, 1.5e-7, relative],
  ['log1p', Math.log1p, 2.5e-7, relative],
  ['tanh', Math.tanh, 4e-7, absolute],
  ['sigmoid', (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 3e-7, relative],
  ['softplus', (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 4e-7, relative],
  ['erf', erf, 4e-7, absolute],
];

describe.each(functions)('%s', (name, f, bound, scale) => {
  test.each([
    ['all magnitudes', everywhere, 'plain'],
    ['all magnitudes', everywhere, 'relaxed'],
    ['-100 to 100', bend, 'plain'],
    ['-100 to 100', bend, 'relaxed'],
  ] as const)(`is within ${bound} of float64 over %s`, (_, x, build) => {
    const { error, at } = worst(x, apply(name, x, build), f, scale);
    expect(error, `error at ${at}`).toBeLessThan(bound);
  });

  test('computes the last one to three numbers as it does the others', () => {
    const x = bend.slice(99_000, 99_011);
    const whole = apply(name, bend.slice(99_000, 99_012));
    for (let n = 0; n <= x.length; n++) expect([...apply(name, x.slice(0, n))]).toEqual([...whole.slice(0, n)]);
  });
});

test.each(['plain', 'relaxed'] as const)('tanh and erf stay within -1 and 1 in the %s build', (build) => {
  for (const name of ['tanh', 'erf'] as const) {
    const outside = apply(name, bend, build).filter((y) => Math.abs(y) > 1);
    expect(outside, name).toHaveLength(0);
  }
});
