import { backend_util, type NamedAttrMap, type NamedTensorInfoMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { ShapeError } from '../../errors';
import { ACTIVATION_CODES, type FusedActivation } from '../activation-codes';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Override } from '../override';
import { sizeOf } from '../shapes';

interface Epilogue {
  bias?: TensorInfo | undefined;
  activation?: string;
  alpha?: number;
  /** Slopes of prelu. */
  slope?: TensorInfo | undefined;
}

export const matmul: readonly Override[] = [
  {
    name: 'BatchMatMul',
    reason: 'slow',
    error: '1e-6 relative to |A| |B|',
    supports: ({ a, b }) => a!.dtype === 'float32' && b!.dtype === 'float32',
    run: ({ inputs, attrs, heap }) => product(heap, inputs, attrs, {}),
  },
  {
    // Off its fast path (a transpose or a batch) tfjs adds the bias once for every 48 steps of the inner loop.
    name: '_FusedMatMul',
    reason: 'wrong',
    error: '1e-6 relative to |A| |B|',
    supports: ({ a, b, bias, preluActivationWeights }) =>
      [a, b, bias, preluActivationWeights].every((tensor) => tensor == null || tensor.dtype === 'float32'),
    run: ({ inputs, attrs, heap }) =>
      product(heap, inputs, attrs, {
        bias: inputs.bias,
        activation: attrs.activation as string,
        alpha: attrs.activation === 'elu' ? 1 : (attrs.leakyreluAlpha as number),
        slope: inputs.preluActivationWeights,
      }),
  },
];

function product(heap: Heap, inputs: NamedTensorInfoMap, attrs: NamedAttrMap, epilogue: Epilogue): TensorInfo {
  const a = inputs.a!;
  const b = inputs.b!;
  const transA = attrs.transposeA ? 1 : 0;
  const transB = attrs.transposeB ? 1 : 0;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    throw new ShapeError(
      'matMul',
      `the inner sizes differ: ${k} and ${inner}`,
      [
        { label: transA ? 'a, transposed' : 'a', shape: a.shape },
        { label: transB ? 'b, transposed' : 'b', shape: b.shape },
      ],
      'the last axis of the first factor and the last but one of the second must be equal, after transposing',
    );
  }
  const aBatch = a.shape.slice(0, -2);
  const bBatch = b.shape.slice(0, -2);
  const batch = backend_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const out = heap.allocate([...batch, m, n]);
  const matrices = sizeOf(batch);
  if (matrices * m * n === 0) return out;

  const { gemmBatched, gemmScratch, activatePrelu } = kernels.on(heap);
  const { bias, activation = 'linear', alpha = 0, slope } = epilogue;
  const code = activation === 'prelu' ? 0 : ACTIVATION_CODES[activation as FusedActivation];
  if (code === undefined) throw new Error(`the activation '${activation}' cannot be fused into a matrix product`);
  const c = heap.address(out);
  // A bias for each column goes into the product; any other is laid into the output first and the product added to it.
  const perColumn = bias != null && sizeOf(bias.shape) === n && bias.shape.at(-1) === n;
  const accumulate = bias != null && !perColumn ? 1 : 0;
  if (accumulate) broadcastInto(heap, bias!, out.shape, c);

  const multiply = (count: number, rows: number, aStep: number, bStep: number, aAt: number, bAt: number, cAt: number) =>
    heap.scratch(gemmScratch(rows, n, k), (scratch) =>
      gemmBatched(
        count,
        aStep,
        bStep,
        rows * n,
        transA,
        transB,
        rows,
        n,
        k,
        heap.address(a) + aAt * 4,
        aColumns,
        heap.address(b) + bAt * 4,
        bColumns,
        c + cAt * 4,
        n,
        accumulate,
        perColumn ? heap.address(bias) : 0,
        code,
        alpha,
        scratch,
      ),
    );

  const aMatrices = sizeOf(aBatch);
  const bMatrices = sizeOf(bBatch);
  if (bMatrices === 1 && aMatrices === matrices && (matrices === 1 || !transA)) {
    multiply(1, matrices * m, 0, 0, 0, 0, 0); // the rows of all matrices against the same B: one product
  } else if ((aMatrices === matrices || aMatrices === 1) && (bMatrices === matrices || bMatrices === 1)) {
    multiply(matrices, m, aMatrices === 1 ? 0 : m * k, bMatrices === 1 ? 0 : k * n, 0, 0, 0);
  } else {
    const aIndex = broadcastIndices(aBatch, batch);
    const bIndex = broadcastIndices(bBatch, batch);
    for (let i = 0; i < matrices; i++) multiply(1, m, 0, 0, aIndex[i]! * m * k, bIndex[i]! * k * n, i * m * n);
  }
  if (activation === 'prelu') {
    heap.scratch(matrices * m * n * 4, (slopes) => {
      broadcastInto(heap, slope!, out.shape, slopes);
      activatePrelu(c, slopes, matrices * m * n);
    });
  }
  return out;
}

/** For every element of the shape `to`, row-major, the index of the element of the shape `from` that it repeats. */
function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  const size = sizeOf(to);
  const indices = new Int32Array(size);
  let stride = 1; // of the axis in `from`
  let block = 1; // of the axis in `to`
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const length = to[axis]!;
    const own = from[axis - to.length + from.length] ?? 1;
    if (own > 1) for (let i = 0; i < size; i++) indices[i]! += (Math.floor(i / block) % length) * stride;
    stride *= own;
    block *= length;
  }
  return indices;
}

function broadcastInto(heap: Heap, tensor: TensorInfo, shape: readonly number[], address: number): void {
  const indices = broadcastIndices(tensor.shape, shape);
  const from = heap.floats(heap.address(tensor), sizeOf(tensor.shape));
  const to = heap.floats(address, indices.length);
  for (let i = 0; i < indices.length; i++) to[i] = from[indices[i]!]!;
}
