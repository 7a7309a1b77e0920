import { gather, grad, mul, sum, tensor, where } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../init';
import { sizeOf } from '../shapes';
import { type Data, floats, integers, type KernelCall, kernelProperty, numbers, shapes } from './property';

beforeAll(() => init());

kernelProperty(
  'GatherV2',
  shapes({ minRank: 1 }).chain((shape) =>
    fc
      .record({
        axis: fc.nat(shape.length - 1),
        batchDims: fc.nat(2),
        own: shapes({ maxRank: 2, maxSize: 5 }),
      })
      .chain(({ axis, batchDims, own }) => {
        // Batches of size 0 are left out: tfjs's cpu backend divides by it.
        const leading = shape.slice(0, Math.min(axis, batchDims));
        const batch = leading.includes(0) ? [] : leading;
        const indices = shape[axis] === 0 ? [...batch, 0] : [...batch, ...own];
        return fc.record({
          inputs: fc.record({ x: numbers(shape), indices: integers(indices, 0, Math.max(0, shape[axis]! - 1)) }),
          attrs: fc.constant({ axis, batchDims: batch.length }),
        });
      }),
  ),
);

/** ids [rows], x [rows, ...rest] -> [segments, ...rest], in float64 */
function segmentSum({ inputs, attrs }: KernelCall): Data {
  const { x, segmentIds } = inputs as { x: Data; segmentIds: Data };
  const segments = attrs!.numSegments as number;
  const rest = x.shape.slice(segmentIds.shape.length);
  const width = sizeOf(rest);
  const values = new Float64Array(segments * width);
  for (const [row, id] of segmentIds.values.entries()) {
    if (id < 0 || id >= segments) continue;
    for (let k = 0; k < width; k++) values[id * width + k]! += x.values[row * width + k]!;
  }
  const cast = x.dtype === 'int32' ? Int32Array : Float32Array;
  return { shape: [segments, ...rest], dtype: x.dtype, values: cast.from(values) };
}

kernelProperty(
  'UnsortedSegmentSum',
  fc.tuple(shapes({ minRank: 1, maxRank: 2 }), shapes({ maxRank: 2 })).chain(([ids, rest]) =>
    fc.record({
      inputs: fc.record({
        x: fc.oneof(floats([...ids, ...rest], 'finite'), integers([...ids, ...rest], -100, 100)),
        segmentIds: integers(ids, -2, 12),
      }),
      attrs: fc.record({ numSegments: fc.nat(10) }),
    }),
  ),
  { reference: segmentSum, absolute: 1e-3 },
);

test('an index out of range is refused, with its value and place', () => {
  const table = tensor([1, 2, 3, 4], [2, 2]);
  expect(() => gather(table, tensor([0, 2], [2], 'int32'))).toThrow(/index 2 at position 1 is outside 0\.\.1/);
  expect(() => gather(table, tensor([-1], [1], 'int32'))).toThrow(/index -1 at position 0/);
});

test('the gradient of gather adds up over the rows that were taken', () => {
  const ids = tensor([2, 0, 2, 2], [4], 'int32');
  const dy = tensor([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
  const dx = grad((x) => sum(mul(gather(x, ids), dy)))(tensor([0, 0, 0, 0, 0, 0], [3, 2]));
  expect([...dx.dataSync()]).toEqual([3, 4, 0, 0, 1 + 5 + 7, 2 + 6 + 8]);
});

test('the gradient of where goes to the side that was taken', () => {
  const condition = tensor([1, 0, 1], [3], 'bool');
  const weights = tensor([2, 3, 5]);
  const [a, b] = [tensor([1, 1, 1]), tensor([7, 7, 7])];
  const da = grad((x) => sum(mul(where(condition, x, b), weights)))(a);
  const db = grad((x) => sum(mul(where(condition, a, x), weights)))(b);
  expect([...da.dataSync()]).toEqual([2, 0, 5]);
  expect([...db.dataSync()]).toEqual([0, 3, 0]);
});
