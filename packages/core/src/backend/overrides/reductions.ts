import { backend_util, type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { areFloat } from '../dtypes';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Override } from '../override';
import { replaceAxis, sizeOf } from '../shapes';

type Reduction = 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProd';
type Axes = number | number[];

/** A run of neighbouring axes that are all reduced or all kept. */
interface Run {
  size: number;
  reduced: boolean;
}

/** The shape as alternating runs of kept and reduced axes; axes of size 1 belong to either. */
function runsOf(shape: readonly number[], axes: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const [d, size] of shape.entries()) {
    if (size === 1) continue;
    const reduced = axes.includes(d);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  }
  return runs;
}

/** Reduces one run of axes after the other, the last one first; only the last pass scales. */
function reduceRuns(heap: Heap, kernel: Reduction, x: number, y: number, runs: readonly Run[], scale: number): void {
  const at = runs.map((run) => run.reduced).lastIndexOf(true);
  const outer = product(runs.slice(0, at));
  const inner = product(runs.slice(at + 1));
  const size = at < 0 ? 1 : runs[at]!.size;
  const isLast = !runs.slice(0, Math.max(at, 0)).some((run) => run.reduced);
  const pass = (to: number) =>
    heap.scratch(8 * Math.max(256, inner), (scratch) => {
      kernels.on(heap)[kernel](x, to, at < 0 ? 1 : outer, size, inner, scratch, isLast ? scale : 1);
    });
  if (isLast) {
    pass(y);
    return;
  }
  heap.scratch(4 * outer * inner, (between) => {
    pass(between);
    const rest = runs.filter((_, i) => i !== at);
    reduceRuns(heap, kernel, between, y, rest, scale);
  });
}

function product(runs: readonly Run[]): number {
  return runs.reduce((size, run) => size * run.size, 1);
}

function reduce(heap: Heap, kernel: Reduction, x: TensorInfo, attrs: NamedAttrMap, mean = false): TensorInfo {
  const { axis, reductionIndices, keepDims } = attrs as { axis?: Axes; reductionIndices?: Axes; keepDims?: boolean };
  const axes = util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
  const [kept, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const y = heap.allocate(keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept);
  if (kept.includes(0)) return y;
  const scale = mean ? 1 / sizeOf(reduced) : 1;
  reduceRuns(heap, kernel, heap.address(x), heap.address(y), runsOf(x.shape, axes), scale);
  return y;
}

function reduction(name: string, kernel: Reduction, error: string): Override {
  return {
    name,
    reason: 'slow',
    error,
    supports: ({ x }) => areFloat(x),
    run: ({ inputs: { x }, attrs, heap }) => reduce(heap, kernel, x!, attrs, name === 'Mean'),
  };
}

function argExtreme(name: string, kernel: 'argMax' | 'argMin'): Override {
  return {
    name,
    reason: 'slow',
    error: 'exact',
    supports: ({ x }, { axis }) => areFloat(x) && x!.shape[util.parseAxisParam(axis as Axes, x!.shape)[0]!] !== 0,
    run({ inputs: { x }, attrs, heap }) {
      const axis = util.parseAxisParam(attrs.axis as Axes, x!.shape)[0]!;
      const outer = sizeOf(x!.shape.slice(0, axis));
      const inner = sizeOf(x!.shape.slice(axis + 1));
      const y = heap.allocate(replaceAxis(x!.shape, axis), 'int32');
      if (outer === 0 || inner === 0) return y;
      heap.scratch(4 * inner, (best) => {
        kernels.on(heap)[kernel](heap.address(x!), heap.address(y), outer, x!.shape[axis]!, inner, best);
      });
      return y;
    },
  };
}

const cumsum: Override = {
  name: 'Cumsum',
  reason: 'slow',
  error: '6e-8 of the sum of magnitudes for each number added',
  supports: ({ x }) => areFloat(x),
  run({ inputs: { x }, attrs, heap }) {
    const axis = util.parseAxisParam(attrs.axis as Axes, x!.shape)[0]!;
    const y = heap.allocate(x!.shape);
    if (x!.shape.includes(0)) return y;
    kernels
      .on(heap)
      .cumulativeSum(
        heap.address(x!),
        heap.address(y),
        sizeOf(x!.shape.slice(0, axis)),
        x!.shape[axis]!,
        sizeOf(x!.shape.slice(axis + 1)),
        attrs.exclusive ? 1 : 0,
        attrs.reverse ? 1 : 0,
      );
    return y;
  },
};

/**
 * Reductions over any axes. As in NumPy and PyTorch, NaN wins in max, min, argMax and argMin (tfjs's cpu backend agrees
 * for max and min and passes over NaN in argMax and argMin); of equal numbers, the first is the extreme one. Over no
 * elements a sum is 0, a product 1, a mean NaN, a maximum -Infinity, a minimum Infinity.
 */
export const reductions: readonly Override[] = [
  reduction('Sum', 'reduceSum', '1.2e-6 of the sum of magnitudes'),
  reduction('Mean', 'reduceSum', '1.2e-6 of the mean of magnitudes'),
  reduction('Prod', 'reduceProd', '6e-8 relative for each factor'),
  reduction('Max', 'reduceMax', 'exact'),
  reduction('Min', 'reduceMin', 'exact'),
  argExtreme('ArgMax', 'argMax'),
  argExtreme('ArgMin', 'argMin'),
  cumsum,
];
