import fc from 'fast-check';
import { expect, test } from 'vitest';
import { init } from '../init';
import { sizeOf } from '../shapes';
import { type Data, floats, type KernelCall, kernelProperty, type Range, runKernel, shapes } from './property';

/** Calls that reduce any axes, none, or all; given positive or negative. */
function calls(range: Range, axisName = 'axis', empty = true): fc.Arbitrary<KernelCall> {
  return shapes({ minRank: 1, maxRank: 5, maxSize: 6 })
    .filter((shape) => empty || !shape.includes(0))
    .chain((shape) =>
      fc.record({
        inputs: fc.record({ x: floats(shape, range) }),
        attrs: fc.record({
          [axisName]: fc
            .subarray(shape.map((_, d) => d))
            .chain((axes) => fc.boolean().map((negative) => (negative ? axes.map((d) => d - shape.length) : axes))),
          keepDims: fc.boolean(),
        }),
      }),
    );
}

/** The sum of magnitudes bounds the error of a sum. */
function magnitude({ inputs }: KernelCall): number {
  return (
    1.2e-6 *
    (inputs.x!.values as Float32Array).reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 0)
  );
}

kernelProperty('Sum', calls('finite'), { absolute: magnitude });
kernelProperty('Mean', calls('finite', 'axis', false), { absolute: magnitude });
kernelProperty('Prod', calls('positive'), { relative: 1e-5 });
kernelProperty('Max', calls('any', 'reductionIndices', false));
kernelProperty('Min', calls('any', 'axis', false));

const oneAxis = shapes({ minRank: 1, maxSize: 6 })
  .filter((shape) => !shape.includes(0))
  .chain((shape) =>
    fc.record({
      inputs: fc.record({ x: floats(shape, 'finite') }),
      attrs: fc.record({ axis: fc.nat(shape.length - 1) }),
    }),
  );
kernelProperty('ArgMax', oneAxis);
kernelProperty('ArgMin', oneAxis);

kernelProperty(
  'Cumsum',
  shapes({ minRank: 1, maxSize: 7 }).chain((shape) =>
    fc.record({
      inputs: fc.record({ x: floats(shape, 'finite') }),
      attrs: fc.record({ axis: fc.nat(shape.length - 1), exclusive: fc.boolean(), reverse: fc.boolean() }),
    }),
  ),
  { absolute: magnitude },
);

test.each([
  ['all', [1_000_000], [0]],
  ['a leading axis', [100_000, 10], [0]],
  ['a trailing axis', [4, 250_000], [1]],
  ['a middle axis', [2, 5000, 100], [1]],
])('the sum of a million numbers over %s is within 1.2e-6 of the sum of magnitudes', async (_, shape, axis) => {
  await init();
  // All of one sign and of one size: the worst case of adding them up one by one.
  const values = Float32Array.from({ length: 1_000_000 }, (_, i) => 0.1 + (i % 7) * 1e-3);
  const kept = shape.filter((_, d) => !axis.includes(d));
  const [sums] = [
    runKernel('Sum', 'wasm', { inputs: { x: { shape, dtype: 'float32', values } }, attrs: { axis } }),
  ].flat();
  const inner = sizeOf(shape.slice(axis[0]! + 1));
  const size = shape[axis[0]!]!;
  expect(sums!.shape).toEqual(kept);
  for (const [i, sum] of sums!.values.entries()) {
    const first = Math.floor(i / inner) * size * inner + (i % inner);
    let exact = 0;
    for (let k = 0; k < size; k++) exact += values[first + k * inner]!;
    expect(Math.abs(sum - exact)).toBeLessThanOrEqual(1.2e-6 * exact);
  }
});

test('NaN wins in argMax and argMin, as in NumPy and PyTorch', async () => {
  await init();
  const rows = Float32Array.of(1, Number.NaN, 3, Number.NaN, 5, 1, 2, 3, 3, 0);
  const x: Data = { shape: [2, 5], dtype: 'float32', values: rows };
  const flipped: Data = {
    ...x,
    shape: [5, 2],
    values: Float32Array.of(1, 1, Number.NaN, 2, 3, 3, Number.NaN, 3, 5, 0),
  };
  for (const [name, positions] of [
    ['ArgMax', [1, 2]],
    ['ArgMin', [1, 4]],
  ] as const) {
    for (const [input, axis] of [
      [x, 1],
      [flipped, 0],
    ] as const) {
      const [result] = [runKernel(name, 'wasm', { inputs: { x: input }, attrs: { axis } })].flat();
      expect([...result!.values]).toEqual(positions);
    }
  }
});
