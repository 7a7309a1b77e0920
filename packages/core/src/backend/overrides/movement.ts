import { backend_util, type NamedTensorInfoMap, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { copyElements } from '../copy-elements';
import { elementBytes } from '../dtypes';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import { collapse, withLoopTable } from '../loop-nest';
import type { Override } from '../override';
import { replaceAxis, sizeOf, stridesOf } from '../shapes';

function liesInHeap({ x }: NamedTensorInfoMap): boolean {
  return elementBytes(x!.dtype) !== undefined;
}

/** What the kernel `transposeWords` works in. */
const TRANSPOSE_TILE_BYTES = 1024;

const transpose: Override = {
  name: 'Transpose',
  reason: 'slow',
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    const perm = attrs.perm as number[];
    const shape = perm.map((d) => x!.shape[d]!);
    const y = heap.allocate(shape, x!.dtype);
    if (shape.includes(0)) return y;
    const bytes = elementBytes(x!.dtype)!;
    const own = stridesOf(x!.shape);
    const loops = collapse({ sizes: shape, strides: [perm.map((d) => own[d]!), stridesOf(shape)] });
    const { sizes, strides } = loops;
    const [from, to] = strides as [number[], number[]];
    const column = from.indexOf(1);
    const row = sizes.length - 1;
    if (bytes === 1 || column === row || column < 0) {
      copyElements(heap, heap.address(x!), heap.address(y), bytes, loops);
      return y;
    }
    // x's last axis is `column` of y, y's last axis is `row`: planes of these two, in a loop over all the others.
    const others = sizes.map((_, d) => d).filter((d) => d !== column && d !== row);
    const nest = { sizes: others.map((d) => sizes[d]!), strides: strides.map((s) => others.map((d) => s[d]!)) };
    heap.scratch(TRANSPOSE_TILE_BYTES, (tile) => {
      withLoopTable(heap, nest, 4, (table) => {
        const [x0, y0] = [heap.address(x!), heap.address(y)];
        const [rows, columns] = [sizes[row]!, sizes[column]!];
        const [rowStride, columnStride] = [4 * from[row]!, 4 * to[column]!];
        kernels.on(heap).transposeWords(x0, y0, table, others.length, rows, columns, rowStride, columnStride, tile);
      });
    });
    return y;
  },
};

const tile: Override = {
  name: 'Tile',
  reason: 'slow',
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    const reps = attrs.reps as number[];
    const shape = x!.shape.map((size, d) => size * reps[d]!);
    const y = heap.allocate(shape, x!.dtype);
    const sizes = x!.shape.flatMap((size, d) => [reps[d]!, size]);
    const from = stridesOf(x!.shape).flatMap((stride) => [0, stride]);
    copyElements(heap, heap.address(x!), heap.address(y), elementBytes(x!.dtype)!, {
      sizes,
      strides: [from, stridesOf(sizes)],
    });
    return y;
  },
};

/** A part of x as a tensor of its own. */
function part(heap: Heap, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const y = heap.allocate(size, x.dtype);
  const strides = stridesOf(x.shape);
  const bytes = elementBytes(x.dtype)!;
  const offset = begin.reduce((sum, at, d) => sum + at * strides[d]!, 0);
  copyElements(heap, heap.address(x) + offset * bytes, heap.address(y), bytes, {
    sizes: size,
    strides: [strides, stridesOf(size)],
  });
  return y;
}

const slice: Override = {
  name: 'Slice',
  reason: 'slow',
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    type Ranges = [begin: number[], size: number[]];
    const [begin, size] = slice_util.parseSliceParams(x!, attrs.begin as number[], attrs.size as number[]) as Ranges;
    slice_util.assertParamsValid(x!, begin, size);
    return part(heap, x!, begin, size);
  },
};

const stridedSlice: Override = {
  name: 'StridedSlice',
  reason: 'wrong', // integers come out as floats, and steps other than 1 a hundred times slower
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs as {
      [key: string]: number;
    } & { begin: number[]; end: number[]; strides: number[] };
    const info = slice_util.sliceInfo(
      x!.shape,
      begin,
      end,
      strides,
      beginMask!,
      endMask!,
      ellipsisMask!,
      newAxisMask!,
      shrinkAxisMask!,
    );
    const y = heap.allocate(info.finalShape, x!.dtype);
    const own = stridesOf(x!.shape);
    const bytes = elementBytes(x!.dtype)!;
    const offset = info.begin.reduce((sum, at, d) => sum + at * own[d]!, 0);
    const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides).map((size) => Math.max(0, size));
    copyElements(heap, heap.address(x!) + offset * bytes, heap.address(y), bytes, {
      sizes,
      strides: [own.map((stride, d) => stride * info.strides[d]!), stridesOf(sizes)],
    });
    return y;
  },
};

const splitV: Override = {
  name: 'SplitV',
  reason: 'slow',
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    const axis = util.parseAxisParam(attrs.axis as number, x!.shape)[0]!;
    const sizes = backend_util.prepareSplitSize(x!, attrs.numOrSizeSplits as number[], axis);
    let at = 0;
    return sizes.map((size) => {
      const begin = x!.shape.map((_, d) => (d === axis ? at : 0));
      at += size;
      return part(heap, x!, begin, replaceAxis(x!.shape, axis, size));
    });
  },
};

const unpack: Override = {
  name: 'Unpack',
  reason: 'slow',
  error: 'exact',
  supports: ({ value }) => elementBytes(value!.dtype) !== undefined,
  run({ inputs: { value }, attrs, heap }) {
    const axis = util.parseAxisParam(attrs.axis as number, value!.shape)[0]!;
    const shape = replaceAxis(value!.shape, axis);
    return Array.from({ length: value!.shape[axis]! }, (_, at) => {
      const begin = value!.shape.map((_, d) => (d === axis ? at : 0));
      return { ...part(heap, value!, begin, replaceAxis(value!.shape, axis, 1)), shape };
    });
  },
};

/** Writes the inputs one behind the other along `axis`, where they have `sizes` elements. */
function join(heap: Heap, inputs: readonly TensorInfo[], outer: number, widths: number[], shape: number[]): TensorInfo {
  const { dtype } = inputs[0]!;
  const bytes = elementBytes(dtype)!;
  const y = heap.allocate(shape, dtype);
  const total = widths.reduce((a, b) => a + b, 0);
  let at = 0;
  for (const [i, input] of inputs.entries()) {
    const width = widths[i]!;
    copyElements(heap, heap.address(input), heap.address(y) + at * bytes, bytes, {
      sizes: [outer, width],
      strides: [
        [width, 1],
        [total, 1],
      ],
    });
    at += width;
  }
  return y;
}

/** Concat and Pack take a list of tensors, which tfjs passes in place of the named inputs. */
function listOf(inputs: NamedTensorInfoMap): TensorInfo[] {
  return Object.values(inputs) as TensorInfo[];
}

function sameKind(inputs: NamedTensorInfoMap): boolean {
  const list = listOf(inputs);
  return list.length > 0 && elementBytes(list[0]!.dtype) !== undefined && list.every((x) => x.dtype === list[0]!.dtype);
}

const concat: Override = {
  name: 'Concat',
  reason: 'slow',
  error: 'exact',
  supports: sameKind,
  run({ inputs, attrs, heap }) {
    const list = listOf(inputs);
    const first = list[0]!;
    const axis = util.parseAxisParam(attrs.axis as number, first.shape)[0]!;
    backend_util.assertParamsConsistent(
      list.map((x) => x.shape),
      axis,
    );
    const shape = backend_util.computeOutShape(
      list.map((x) => x.shape),
      axis,
    );
    const widths = list.map((x) => sizeOf(x.shape.slice(axis)));
    return join(heap, list, sizeOf(first.shape.slice(0, axis)), widths, shape);
  },
};

const pack: Override = {
  name: 'Pack',
  reason: 'slow',
  error: 'exact',
  supports: sameKind,
  run({ inputs, attrs, heap }) {
    const list = listOf(inputs);
    const { shape } = list[0]!;
    for (const x of list) {
      util.assertShapesMatch(shape, x.shape, 'All tensors passed to stack must have matching shapes');
    }
    const axis = (attrs.axis as number) < 0 ? (attrs.axis as number) + shape.length + 1 : (attrs.axis as number);
    const width = sizeOf(shape.slice(axis));
    return join(
      heap,
      list,
      sizeOf(shape.slice(0, axis)),
      list.map(() => width),
      [...shape.slice(0, axis), list.length, ...shape.slice(axis)],
    );
  },
};

const reverse: Override = {
  name: 'Reverse',
  reason: 'slow',
  error: 'exact',
  supports: liesInHeap,
  run({ inputs: { x }, attrs, heap }) {
    const axes = util.parseAxisParam(attrs.dims as number[], x!.shape);
    const y = heap.allocate(x!.shape, x!.dtype);
    const bytes = elementBytes(x!.dtype)!;
    const strides = stridesOf(x!.shape);
    const offset = axes.reduce((sum, d) => sum + (x!.shape[d]! - 1) * strides[d]!, 0);
    const from = strides.map((stride, d) => (axes.includes(d) ? -stride : stride));
    copyElements(heap, heap.address(x!) + offset * bytes, heap.address(y), bytes, {
      sizes: x!.shape,
      strides: [from, strides],
    });
    return y;
  },
};

/** Copies, reorderings, repetitions and joins. */
export const movement: readonly Override[] = [
  transpose,
  tile,
  slice,
  stridedSlice,
  splitV,
  unpack,
  concat,
  pack,
  reverse,
];
