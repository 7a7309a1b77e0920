import {
  argMax,
  cast,
  defineOp,
  gather,
  type Heap,
  max,
  mul,
  oneHot,
  reshape,
  sum,
  type Tensor,
  tensor1d,
  transpose,
} from '@dl/core/ops';
import type { Window, Windows } from '../geometry/windows';
import { kernels } from '../kernels';
import { mapAxes, matrixOf } from './axis-maps';
import { scatterPlanes } from './planes';

/** The windows, and the size of the image they lie in. */
export interface PoolAttrs extends Windows {
  height: number;
  width: number;
}

type Image = [batch: number, height: number, width: number, channels: number];
type MaxPooled = { y: Tensor; indices: Tensor };

/** The first maximum of each window. */
export const maxPooling = defineOp({
  name: 'maxPooling',
  error: 'exact',
  saves: [],
  forward: ({ x }: { x: Tensor }, attrs: PoolAttrs, save: (residuals: { indices: Tensor }) => void) => {
    const { y, indices } = composedMaximum(x, attrs);
    save({ indices });
    return y;
  },
  backward: ({ indices, dy }, { height, width }) => ({
    x: () => scatterPlanes({ x: dy, indices }, { height, width }),
  }),
  kernel: ({ x }, attrs, heap, save) => {
    const { y, indices } = maximum(heap, x, attrs);
    save({ indices });
    return y;
  },
});

/** The first maximum of each window, and its place `row * width + column`, int32. */
export const maxPoolingWithIndices = defineOp({
  name: 'maxPoolingWithIndices',
  error: 'exact',
  saves: ['indices'],
  forward: ({ x }: { x: Tensor }, attrs: PoolAttrs) => composedMaximum(x, attrs),
  backward: ({ indices, dy }, { height, width }) => ({
    x: () => scatterPlanes({ x: dy.y, indices }, { height, width }),
  }),
  kernel: ({ x }, attrs, heap) => maximum(heap, x, attrs),
});

function composedMaximum(x: Tensor, { rows, columns, width }: PoolAttrs): MaxPooled {
  const [batch, , , channels] = x.shape as Image;
  const [down, across] = [elementsOf(rows), elementsOf(columns)];
  const [h, w] = [down.length / rows.length, across.length / columns.length];
  const grid = gather(gather(x, tensor1d(down, 'int32'), 1), tensor1d(across, 'int32'), 2);
  const split = transpose(reshape(grid, [batch, rows.length, h, columns.length, w, channels]), [0, 1, 3, 5, 2, 4]);
  const windows = reshape(split, [batch, rows.length, columns.length, channels, h * w]);
  const places = Float32Array.from({ length: rows.length * columns.length * h * w }, (_, i) => {
    const [tap, window] = [i % (h * w), Math.floor(i / (h * w))];
    const [row, column] = [Math.floor(window / columns.length), window % columns.length];
    return down[row * h + Math.floor(tap / w)]! * width + across[column * w + (tap % w)]!;
  });
  const chosen = cast(oneHot(cast(argMax(windows, -1), 'int32'), h * w), 'float32');
  const place = sum(mul(chosen, reshape(tensor1d(places), [1, rows.length, columns.length, 1, h * w])), -1);
  return { y: max(windows, -1), indices: cast(place, 'int32') };
}

function maximum(heap: Heap, x: Tensor, attrs: PoolAttrs): MaxPooled {
  const [batch, height, width, channels] = x.shape as Image;
  const [down, across] = [attrs.rows.length, attrs.columns.length];
  const shape = [batch, down, across, channels];
  const [y, indices] = [heap.tensor(shape), heap.tensor(shape, 'int32')];
  const [from, to, places] = [heap.address(x), heap.address(y), heap.address(indices)];
  lendWindows(heap, attrs, (table) =>
    kernels.on(heap).maxPool(from, to, places, batch, height, width, channels, down, across, table),
  );
  return { y, indices };
}

/** The mean of each window: the sum of its elements times the factors of its row and column. */
export const averagePooling = defineOp({
  name: 'averagePooling',
  error: '1e-6 relative to the sum of |x|',
  saves: [],
  forward: ({ x }: { x: Tensor }, { rows, columns, height, width }: PoolAttrs) =>
    mapAxes(x, meansOf(rows, height), meansOf(columns, width)),
  backward: ({ dy }, { rows, columns, height, width }) => ({
    x: () => mapAxes(dy, transpose(meansOf(rows, height)), transpose(meansOf(columns, width))),
  }),
  kernel: ({ x }, attrs, heap) => {
    const [batch, , , channels] = x.shape as Image;
    const y = heap.tensor([batch, attrs.rows.length, attrs.columns.length, channels]);
    average(heap, 'averagePool', x, y, attrs);
    return y;
  },
  backwardKernel: ({ dy }, attrs, heap) => ({
    x: () => {
      const [batch, , , channels] = dy.shape as Image;
      const dx = heap.tensor([batch, attrs.height, attrs.width, channels]);
      average(heap, 'averagePoolGradient', dx, dy, attrs);
      return dx;
    },
  }),
});

function average(
  heap: Heap,
  name: 'averagePool' | 'averagePoolGradient',
  x: Tensor,
  y: Tensor,
  { rows, columns, height, width }: PoolAttrs,
): void {
  const [batch, , , channels] = x.shape as Image;
  const run = kernels.on(heap)[name];
  lendWindows(heap, { rows, columns }, (table) =>
    run(heap.address(x), heap.address(y), batch, height, width, channels, rows.length, columns.length, table),
  );
}

/** Lends the table of windows to a kernel, as `kernels/pool.ts` reads it. */
function lendWindows(heap: Heap, { rows, columns }: Windows, use: (address: number) => void): void {
  const windows = [...rows, ...columns];
  heap.scratch(windows.length * 16, (address) => {
    const words = heap.words(address, windows.length * 4);
    const floats = heap.floats(address, windows.length * 4);
    for (const [i, { start, end, step, factor }] of windows.entries()) {
      words.set([start, end, step], 4 * i);
      floats[4 * i + 3] = factor;
    }
    use(address);
  });
}

/** The elements of all windows, as many for each: short windows repeat their last, which changes no first maximum. */
function elementsOf(windows: readonly Window[]): Int32Array {
  const counts = windows.map(({ start, end, step }) => Math.ceil((end - start) / step));
  const most = Math.max(...counts);
  return Int32Array.from({ length: windows.length * most }, (_, i) => {
    const window = Math.floor(i / most);
    const { start, step } = windows[window]!;
    return start + Math.min(i % most, counts[window]! - 1) * step;
  });
}

/** [windows, size]: the average over each window as a matrix. */
function meansOf(windows: readonly Window[], size: number): Tensor {
  return matrixOf(windows.length, size, (i, at) => {
    const { start, end, factor } = windows[i]!;
    return at >= start && at < end ? factor : 0;
  });
}
