import fc from 'fast-check';
import { replaceAxis } from '../shapes';
import { kernelProperty, numbers, shapes } from './property';

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
        reps: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 4 }))) as fc.Arbitrary<number[]>,
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
