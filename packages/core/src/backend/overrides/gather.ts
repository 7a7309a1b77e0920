import { backend_util, util } from '@tensorflow/tfjs-core';
import { ShapeError } from '../../errors';
import { elementBytes } from '../dtypes';
import { kernels } from '../kernels';
import type { Override } from '../override';
import { sizeOf } from '../shapes';

const gatherV2: Override = {
  name: 'GatherV2',
  reason: 'slow',
  error: 'exact',
  supports: ({ x, indices }) => elementBytes(x!.dtype) !== undefined && indices!.dtype === 'int32',
  run({ inputs: { x, indices }, attrs, heap }) {
    const axis = util.parseAxisParam(attrs.axis as number, x!.shape)[0]!;
    const info = backend_util.segment_util.collectGatherOpShapeInfo(
      x!,
      indices!,
      axis,
      (attrs.batchDims as number | undefined) ?? 0,
    );
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
    const run = kernels.on(heap);
    const count = sizeOf(indices!.shape);
    const wrong = run.firstOutside(heap.address(indices!), count, dimSize);
    if (wrong >= 0) {
      const index = new Int32Array(heap.memory.buffer, heap.address(indices!), count)[wrong];
      throw new ShapeError(
        'gather',
        `index ${index} at position ${wrong} is outside 0..${dimSize - 1}, the range of axis ${axis}`,
        [
          { label: 'x', shape: x!.shape },
          { label: 'indices', shape: indices!.shape },
        ],
      );
    }
    const y = heap.allocate(outputShape, x!.dtype);
    if (outputShape.includes(0)) return y;
    const [from, at, to] = [heap.address(x!), heap.address(indices!), heap.address(y)];
    const bytes = sliceSize * elementBytes(x!.dtype)!;
    run.gatherRows(from, at, to, batchSize, outerSize, dimSize, count / batchSize, bytes);
    return y;
  },
};

const unsortedSegmentSum: Override = {
  name: 'UnsortedSegmentSum',
  reason: 'missing',
  error: '6e-8 of the sum of magnitudes for each row added',
  supports: ({ x, segmentIds }) => elementBytes(x!.dtype) === 4 && segmentIds!.dtype === 'int32',
  run({ inputs: { x, segmentIds }, attrs, heap }) {
    const segments = attrs.numSegments as number;
    const rank = segmentIds!.shape.length;
    if (!util.arraysEqual(x!.shape.slice(0, rank), segmentIds!.shape)) {
      throw new ShapeError('unsortedSegmentSum', 'the ids have to cover the leading axes of x', [
        { label: 'x', shape: x!.shape },
        { label: 'segmentIds', shape: segmentIds!.shape },
      ]);
    }
    const rest = x!.shape.slice(rank);
    const y = heap.allocate([segments, ...rest], x!.dtype);
    if (segments === 0 || rest.includes(0)) return y;
    const kernel = x!.dtype === 'int32' ? 'segmentSumInt' : 'segmentSum';
    const [from, ids, to] = [heap.address(x!), heap.address(segmentIds!), heap.address(y)];
    kernels.on(heap)[kernel](from, ids, to, sizeOf(segmentIds!.shape), sizeOf(rest), segments);
    return y;
  },
};

/** Rows by their index, and sums of rows by their index: the embedding and its gradient. */
export const gather: readonly Override[] = [gatherV2, unsortedSegmentSum];
