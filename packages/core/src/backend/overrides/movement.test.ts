import fc from 'fast-check';
import { expect, test } from 'vitest';
import { init } from '../init';
import { replaceAxis } from '../shapes';
import { type Data, type KernelCall, kernelProperty, numbers, runKernel, shapes } from './property';

kernelProperty(
  'Transpose',
  fc.oneof(shapes({ maxRank: 5 }), shapes({ minRank: 2, maxRank: 3, maxSize: 40 })).chain((shape) =>
    fc.record({
      inputs: fc.record({ x: numbers(shape) }),
      attrs: fc.record({
        perm: fc.shuffledSubarray(
          shape.map((_, d) => d),
          { minLength: shape.length },
        ),
      }),
    }),
  ),
);

kernelProperty(
  'Tile',
  shapes({ minRank: 1, maxSize: 6 }).chain((shape) =>
    fc.record({
      inputs: fc.record({ x: numbers(shape) }),
      attrs: fc.record({
        reps: fc.tuple<number[]>(...shape.map(() => fc.integer({ min: 1, max: 4 }))),
      }),
    }),
  ),
);

kernelProperty(
  'Slice',
  shapes({ minRank: 1 }).chain((shape) =>
    fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size), fc.nat(size)))).chain((pairs) =>
      fc.record({
        inputs: fc.record({ x: numbers(shape) }),
        attrs: fc.constant({
          begin: pairs.map(([a, b]) => Math.min(a, b)),
          size: pairs.map(([a, b]) => Math.abs(a - b)),
        }),
      }),
    ),
  ),
);

kernelProperty(
  'Identity',
  shapes().chain((shape) => fc.record({ inputs: fc.record({ x: numbers(shape) }), attrs: fc.constant({}) })),
);

/** The positions that Python's `begin:end:step` takes out of `size`; undefined where a mask lets the bound off. */
function positions(size: number, begin: number | undefined, end: number | undefined, step: number): number[] {
  const bound = (at: number) =>
    Math.min(Math.max(at < 0 ? at + size : at, step > 0 ? 0 : -1), step > 0 ? size : size - 1);
  const from = begin === undefined ? (step > 0 ? 0 : size - 1) : bound(begin);
  const to = end === undefined ? (step > 0 ? size : -1) : bound(end);
  const taken: number[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) taken.push(at);
  return taken;
}

function pythonSlice({ inputs, attrs }: KernelCall): Data {
  const { shape, dtype, values } = inputs.x!;
  const { begin, end, strides, beginMask, endMask } = attrs as unknown as {
    [bounds in 'begin' | 'end' | 'strides']: number[];
  } & { beginMask: number; endMask: number };
  const axes = shape.map((size, d) =>
    positions(
      size,
      (beginMask >> d) & 1 ? undefined : begin[d]!,
      (endMask >> d) & 1 ? undefined : end[d]!,
      strides[d]!,
    ),
  );
  const places = axes.reduce<number[]>(
    (before, taken, d) => before.flatMap((at) => taken.map((k) => at * shape[d]! + k)),
    [0],
  );
  return { shape: axes.map((taken) => taken.length), dtype, values: Float32Array.from(places, (at) => values[at]!) };
}

const mask = fc.constantFrom(0, 1, 2, 3);
kernelProperty(
  'StridedSlice',
  shapes({ minRank: 1 })
    .filter((shape) => !shape.includes(0))
    .chain((shape) => {
      const each = <T>(arbitrary: fc.Arbitrary<T>) =>
        fc.array(arbitrary, { minLength: shape.length, maxLength: shape.length });
      return fc.record({
        inputs: fc.record({ x: numbers(shape) }),
        attrs: fc.record({
          begin: each(fc.integer({ min: -10, max: 10 })),
          end: each(fc.integer({ min: -10, max: 10 })),
          strides: each(fc.constantFrom(1, 2, 3, -1, -2)),
          beginMask: mask,
          endMask: mask,
          ellipsisMask: fc.constant(0),
          newAxisMask: fc.constant(0),
          shrinkAxisMask: fc.constant(0),
        }),
      });
    }),
  { reference: pythonSlice },
);

test('a strided slice can drop, add and skip axes', async () => {
  await init();
  const call: KernelCall = {
    inputs: { x: { shape: [2, 3, 4], dtype: 'int32', values: Int32Array.from({ length: 24 }, (_, i) => i) } },
    // x[newaxis, ..., 1, ::-2]
    attrs: {
      begin: [0, 0, 1, 0],
      end: [0, 0, 2, 0],
      strides: [1, 1, 1, -2],
      beginMask: 8,
      endMask: 8,
      ellipsisMask: 2,
      newAxisMask: 1,
      shrinkAxisMask: 4,
    },
  };
  expect(runKernel('StridedSlice', 'wasm', call)).toEqual({
    shape: [1, 2, 2],
    dtype: 'int32',
    values: Int32Array.of(7, 5, 19, 17),
  });
});

kernelProperty(
  'Reverse',
  shapes({ minRank: 1 }).chain((shape) =>
    fc.record({
      inputs: fc.record({ x: numbers(shape) }),
      attrs: fc.record({ dims: fc.subarray(shape.map((_, d) => d)) }),
    }),
  ),
);

/** A shape, one of its axes, and sizes to cut that axis into. */
const cuts = shapes({ minRank: 1 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.nat(shape.length - 1),
    sizes: fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
  }),
);

kernelProperty(
  'SplitV',
  cuts.chain(({ shape, axis, sizes }) =>
    fc.record({
      inputs: fc.record({
        x: numbers(
          replaceAxis(
            shape,
            axis,
            sizes.reduce((a, b) => a + b, 0),
          ),
        ),
      }),
      attrs: fc.constant({ numOrSizeSplits: sizes, axis }),
    }),
  ),
);

kernelProperty(
  'Concat',
  cuts.chain(({ shape, axis, sizes }) =>
    numbers([]).chain(({ dtype }) =>
      fc.record({
        inputs: fc
          .tuple(...sizes.map((size) => numbers(replaceAxis(shape, axis, size)).filter((data) => data.dtype === dtype)))
          .map((list) => Object.fromEntries(list.entries())),
        attrs: fc.constant({ axis }),
      }),
    ),
  ),
);

kernelProperty(
  'Pack',
  cuts.chain(({ shape, axis, sizes }) =>
    numbers([]).chain(({ dtype }) =>
      fc.record({
        inputs: fc
          .tuple(...sizes.map(() => numbers(shape).filter((data) => data.dtype === dtype)))
          .map((list) => Object.fromEntries(list.entries())),
        attrs: fc.constant({ axis }),
      }),
    ),
  ),
);

kernelProperty(
  'Unpack',
  cuts.chain(({ shape, axis }) =>
    fc.record({ inputs: fc.record({ value: numbers(shape) }), attrs: fc.constant({ axis }) }),
  ),
);
