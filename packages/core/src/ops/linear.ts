import { add, matMul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import { ACTIVATION_CODES, type FusedActivation } from '../backend/activation-codes';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { ConfigError, ShapeError } from '../errors';
import { expectFloat, expectRange } from './checks';
import { defineOp } from './define-op';
import { fusedActivations } from './fused-activations';

/** What `linear` may be told. */
export interface LinearOptions {
  /** What is applied to the sum. @default 'linear' */
  activation?: FusedActivation;
  /** Slope of `leakyrelu` below 0, or minus the limit of `elu`. @default 0.01 for `leakyrelu`, 1 for `elu`: as in PyTorch */
  alpha?: number;
}

interface LinearAttrs {
  activation: FusedActivation;
  alpha: number;
  hasBias: boolean;
}

type LinearInputs = { x: Tensor; weight: Tensor; bias?: Tensor | undefined };

const linearOp = defineOp({
  name: 'linear',
  error: '1e-6 relative to |x| |W|',
  saves: ['x', 'weight', 'y'],
  forward: ({ x, weight, bias }: LinearInputs, { activation, alpha }: LinearAttrs) => {
    const product = matMul(rows(x), weight, false, true);
    const y = fusedActivations[activation].of(bias ? add(product, bias) : product, alpha);
    return reshape(y, [...x.shape.slice(0, -1), weight.shape[0]]);
  },
  backward: ({ x, weight, y, dy }, { activation, alpha, hasBias }) => {
    const dz = fusedActivations[activation].gradient(y, dy, alpha);
    return {
      x: () => reshape(matMul(rows(dz), weight), x.shape), // dx = dz W
      weight: () => matMul(rows(dz), rows(x), true, false), // dW = dz^T x
      ...(hasBias && { bias: () => sum(rows(dz), 0) }),
    };
  },
  kernel: ({ x, weight, bias }, attrs, heap) => xTimes(heap, x, weight, true, bias, attrs),
  backwardKernel: ({ x, weight, y, dy }, attrs, heap) => {
    const { dz, db } = gradientOfSum(heap, y, dy, attrs);
    return {
      x: () => xTimes(heap, dz, weight, false),
      weight: () => transposedTimes(heap, dz, x),
      ...(db && { bias: db }),
    };
  },
});

/**
 * A dense layer in PyTorch's layout, as one product: `y = act(x W^T + b)`. PyTorch's `F.linear`.
 *
 * Backward, with `dz = dy * act'(z)`, where `act'(z)` follows from `y`: `dx = dz W`, `dW = dz^T x`, `db = sum of dz over
 * the rows`.
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @param options the activation
 * @returns [..., out]
 * @throws ShapeError where the sizes do not fit; DtypeError unless all are float32
 * @throws ConfigError for an activation it does not know, or a negative alpha
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { linear, tensor } from '@dl/core/ops';
 *
 * await init();
 * const y = linear(tensor([[1, 2]]), tensor([[3, 4]]), tensor([-20]), { activation: 'relu' });
 * y.dataSync(); // [0]: relu(1 * 3 + 2 * 4 - 20)
 * ```
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, options: LinearOptions = {}): Tensor {
  expectFit('linear', x, weight, ['out', 'in'], bias);
  const { activation = 'linear' } = options;
  if (!Object.hasOwn(fusedActivations, activation)) {
    throw new ConfigError(
      'linear',
      `the activation '${activation as string}' is not known`,
      `one of ${Object.keys(fusedActivations).join(', ')}, or none and the activation after it`,
    );
  }
  const { alpha = activation === 'elu' ? 1 : 0.01 } = options;
  expectRange('linear', 'alpha', alpha, 0, Number.POSITIVE_INFINITY);
  return linearOp({ x, weight, bias }, { activation, alpha, hasBias: bias !== undefined });
}

const affineOp = defineOp({
  name: 'affine',
  error: '1e-6 relative to |x| |W|',
  saves: ['x', 'w'],
  forward: ({ x, w, b }: { x: Tensor; w: Tensor; b: Tensor }) => add(matMul(x, w), b),
  backward: ({ x, w, dy }) => ({
    x: () => matMul(dy, w, false, true), // dx = dy W^T
    w: () => matMul(x, dy, true, false), // dW = x^T dy
    b: () => sum(dy, 0), // db = sum of dy over the batch
  }),
  kernel: ({ x, w, b }, _, heap) => xTimes(heap, x, w, false, b),
});

/**
 * The affine layer of the textbook: `y = x W + b`.
 *
 * Forward, for one example n and one output j: `y[n,j] = sum over i of x[n,i] W[i,j] + b[j]`.
 *
 * Backward, by the chain rule over every `y` that an input reaches:
 * - `x[n,i]` reaches `y[n,j]` for all j, with `dy[n,j]/dx[n,i] = W[i,j]`, so `dx[n,i] = sum over j of dy[n,j] W[i,j]`:
 *   **dx = dy W^T**.
 * - `W[i,j]` reaches `y[n,j]` for all n, with the slope `x[n,i]`, so `dW[i,j] = sum over n of x[n,i] dy[n,j]`:
 *   **dW = x^T dy**.
 * - `b[j]` reaches `y[n,j]` for all n, with the slope 1: **db = the sum of dy over the batch**.
 *
 * Layers use `linear`, which is the same with the transposed weight of PyTorch.
 *
 * @param x [batch, in]
 * @param w [in, out]
 * @param b [out]
 * @returns [batch, out]
 * @throws ShapeError where the sizes do not fit
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { affine, tensor } from '@dl/core/ops';
 *
 * await init();
 * affine(tensor([[1, 2]]), tensor([[3], [4]]), tensor([10])).dataSync(); // [21]
 * ```
 */
export function affine(x: Tensor, w: Tensor, b: Tensor): Tensor {
  expectFit('affine', x, w, ['in', 'out'], b);
  if (x.rank !== 2)
    throw new ShapeError('affine', 'the input must be [batch, in]', [{ label: 'input', shape: x.shape }]);
  return affineOp({ x, w, b });
}

function expectFit(
  name: string,
  x: Tensor,
  weight: Tensor,
  axes: readonly ['in' | 'out', 'in' | 'out'],
  bias?: Tensor,
) {
  expectFloat(name, 'input', x);
  expectFloat(name, 'weight', weight);
  if (bias !== undefined) expectFloat(name, 'bias', bias);
  const shapes = [
    { label: 'input', shape: x.shape },
    { label: 'weight', shape: weight.shape, axes },
    ...(bias ? [{ label: 'bias', shape: bias.shape, axes: ['out'] }] : []),
  ];
  if (weight.rank !== 2) throw new ShapeError(name, `the weight must be [${axes.join(', ')}]`, shapes);
  const expected = weight.shape[axes.indexOf('in')]!;
  if (x.shape.at(-1) !== expected) {
    throw new ShapeError(
      name,
      `the input has ${x.shape.at(-1) ?? 'no'} features, the weight expects ${expected}`,
      shapes,
    );
  }
  const outputs = weight.shape[axes.indexOf('out')]!;
  if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
    throw new ShapeError(name, `the bias must be [out=${outputs}]`, shapes);
  }
}

/** All axes but the last as one. */
function rows(x: Tensor): Tensor {
  return x.rank === 2 ? x : reshape(x, [rowCount(x), x.shape.at(-1)!]);
}

function rowCount(x: Tensor): number {
  let count = 1;
  for (let axis = 0; axis < x.rank - 1; axis++) count *= x.shape[axis]!;
  return count;
}

/** act(x op(W) + b) over the last axis of x, op(W) = W^T where `transposed`. */
function xTimes(heap: Heap, x: Tensor, w: Tensor, transposed: boolean, bias?: Tensor, attrs?: LinearAttrs): Tensor {
  const { gemm, gemmScratch } = kernels.on(heap);
  const [wRows, wColumns] = w.shape as [number, number];
  const m = rowCount(x);
  const [k, n] = transposed ? [wColumns, wRows] : [wRows, wColumns];
  const y = heap.tensor([...x.shape.slice(0, -1), n]);
  heap.scratch(gemmScratch(m, n, k), (scratch) =>
    gemm(
      0,
      transposed ? 1 : 0,
      m,
      n,
      k,
      heap.address(x),
      k,
      heap.address(w),
      wColumns,
      heap.address(y),
      n,
      0,
      bias ? heap.address(bias) : 0,
      attrs ? ACTIVATION_CODES[attrs.activation] : 0,
      attrs?.alpha ?? 0,
      scratch,
    ),
  );
  return y;
}

/** a^T b over the rows of both: [columns of a, columns of b]. */
function transposedTimes(heap: Heap, a: Tensor, b: Tensor): Tensor {
  const { gemm, gemmScratch } = kernels.on(heap);
  const [m, n, k] = [a.shape.at(-1)!, b.shape.at(-1)!, rowCount(a)];
  const c = heap.tensor([m, n]);
  heap.scratch(gemmScratch(m, n, k), (scratch) =>
    gemm(1, 0, m, n, k, heap.address(a), m, heap.address(b), n, heap.address(c), n, 0, 0, 0, 0, scratch),
  );
  return c;
}

/** dz = dy act'(z) and its column sums db, in one pass over the rows. */
function gradientOfSum(heap: Heap, y: Tensor, dy: Tensor, { activation, alpha, hasBias }: LinearAttrs) {
  if (activation === 'linear' && !hasBias) return { dz: dy, db: undefined };
  const columns = y.shape.at(-1)!;
  const dz = activation === 'linear' ? dy : heap.tensor(y.shape);
  const db = hasBias ? heap.tensor([columns]) : undefined;
  kernels
    .on(heap)
    .activationGradient(
      heap.address(y),
      heap.address(dy),
      heap.address(dz),
      db ? heap.address(db) : 0,
      rowCount(y),
      columns,
      ACTIVATION_CODES[activation],
      alpha,
    );
  return { dz, db };
}
