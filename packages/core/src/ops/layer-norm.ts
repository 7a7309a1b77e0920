import { add, div, mean, mul, reshape, sqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { ShapeError } from '../errors';
import { expectFloat, sameShape } from './checks';
import { defineOp, type Gradients } from './define-op';

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** Factor of each element, the shape of the last `axes` axes. @default ones */
  weight?: Tensor | undefined;
  /** Summand of each element, the shape of the last `axes` axes. @default zeros */
  bias?: Tensor | undefined;
  /** How many of the last axes are normalised together; `weight` and `bias` imply it. @default 1 */
  axes?: number | undefined;
  /** Added to the variance. @default 1e-5 */
  eps?: number | undefined;
}

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Factor of each element, the shape of the last `axes` axes. @default ones */
  weight?: Tensor | undefined;
  /** How many of the last axes are normalised together; `weight` implies it. @default 1 */
  axes?: number | undefined;
  /** Added to the mean square. @default 2^-23, the float32 epsilon, as PyTorch */
  eps?: number | undefined;
}

type Inputs = { x: Tensor; weight?: Tensor | undefined; bias?: Tensor | undefined };
type Attrs = { n: number; eps: number; centred: boolean };
type Statistics = { means: Tensor; inverses: Tensor };

/** x, [..., normalised], as [rows, n]. */
const rows = (x: Tensor, n: number) => reshape(x, [n === 0 ? 0 : x.size / n, n]);

/** Both norms over rows of n elements: `centred` subtracts the mean. */
const rowNorm = defineOp({
  name: 'rowNorm',
  forward: ({ x, weight, bias }: Inputs, { n, eps, centred }: Attrs, save: (residuals: Statistics) => void) => {
    const x2 = rows(x, n);
    const means = centred ? mean(x2, 1, true) : mul(0, mean(x2, 1, true)); // [rows, 1]
    const shifted = centred ? sub(x2, means) : x2;
    const inverses = div(1, sqrt(add(mean(square(shifted), 1, true), eps)));
    save({ means, inverses });
    let y = mul(shifted, inverses);
    if (weight !== undefined) y = mul(y, reshape(weight, [n]));
    if (bias !== undefined) y = add(y, reshape(bias, [n]));
    return reshape(y, x.shape);
  },
  backward: ({ x, weight, bias, means, inverses, dy }, { n, centred }) => {
    const normalised = () => mul(centred ? sub(rows(x, n), means) : rows(x, n), inverses); // z
    return {
      x: () => {
        const z = normalised();
        const g = weight === undefined ? rows(dy, n) : mul(rows(dy, n), reshape(weight, [n]));
        const along = sub(g, mul(z, mean(mul(g, z), 1, true)));
        return reshape(mul(inverses, centred ? sub(along, mean(g, 1, true)) : along), x.shape);
      },
      ...(weight && { weight: () => reshape(sum(mul(rows(dy, n), normalised()), 0), weight.shape) }),
      ...(bias && { bias: () => reshape(sum(rows(dy, n), 0), bias.shape) }),
    };
  },
  kernel: ({ x, weight, bias }, { n, eps, centred }, heap, save) => {
    const count = n === 0 ? 0 : x.size / n;
    const y = heap.tensor(x.shape);
    const [means, inverses] = [heap.tensor([count, 1]), heap.tensor([count, 1])];
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    kernels
      .on(heap)
      .rowNorm(at(x), at(weight), at(bias), at(y), at(means), at(inverses), count, n, eps, centred ? 1 : 0);
    save({ means, inverses });
    return y;
  },
  backwardKernel: (saved, attrs, heap) => gradientKernel(saved, attrs, heap),
  error: '1e-6 of the largest value',
});

function gradientKernel(
  { x, weight, bias, means, inverses, dy }: Inputs & Statistics & { dy: Tensor },
  { n, centred }: Attrs,
  heap: Heap,
): Gradients<Inputs> {
  const count = n === 0 ? 0 : x.size / n;
  const dx = heap.tensor(x.shape);
  const dw = weight && heap.tensor(weight.shape);
  const db = bias && heap.tensor(bias.shape);
  const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
  heap.scratch(2 * n * 4, (scratch) => {
    kernels
      .on(heap)
      .rowNormGradient(
        ...([at(x), at(weight), at(dy), at(means), at(inverses), at(dx), at(dw), at(db)] as const),
        count,
        n,
        centred ? 1 : 0,
        scratch,
      );
  });
  return { x: dx, ...(dw && { weight: dw }), ...(db && { bias: db }) };
}

/**
 * Gives the elements of each example mean 0 and variance 1, then scales and shifts them:
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, over the last axes. Ba et al. 2016, PyTorch's `layer_norm`.
 *
 * With `z = (x - mean) / sqrt(variance + eps)` and `g = dy * weight`, mean and variance depending on every element of the
 * example:
 *
 * ```
 * dx      = (g - mean(g) - z mean(g z)) / sqrt(variance + eps)
 * dweight = sum of dy z, dbias = sum of dy      over the examples
 * ```
 *
 * @param x [..., features], float32
 * @throws DtypeError unless all are float32
 * @throws ShapeError unless weight and bias have the shape of the last axes of the input
 */
export function layerNorm(x: Tensor, { weight, bias, axes, eps = 1e-5 }: LayerNormOptions = {}): Tensor {
  const n = normalisedSize('layerNorm', x, { weight, bias }, axes);
  return rowNorm({ x, weight, bias }, { n, eps, centred: true });
}

/**
 * Divides the elements of each example by their root mean square, then scales them:
 * `y = x / sqrt(mean(x^2) + eps) * weight`, over the last axes. Zhang and Sennrich 2019, PyTorch's `rms_norm`.
 *
 * With `z = x / sqrt(mean(x^2) + eps)` and `g = dy * weight`, `dx = (g - z mean(g z)) / sqrt(mean(x^2) + eps)`, and
 * `dweight` is the sum of `dy z` over the examples.
 *
 * @param x [..., features], float32
 * @throws DtypeError unless all are float32
 * @throws ShapeError unless weight has the shape of the last axes of the input
 */
export function rmsNorm(x: Tensor, { weight, axes, eps = 2 ** -23 }: RmsNormOptions = {}): Tensor {
  const n = normalisedSize('rmsNorm', x, { weight }, axes);
  return rowNorm({ x, weight, bias: undefined }, { n, eps, centred: false });
}

function normalisedSize(
  where: string,
  x: Tensor,
  parameters: Record<string, Tensor | undefined>,
  axes = Math.max(1, ...Object.values(parameters).map((parameter) => parameter?.rank ?? 0)),
): number {
  expectFloat(where, 'input', x);
  if (!Number.isInteger(axes) || axes < 1 || axes > x.rank) {
    throw new ShapeError(where, `${axes} axes are to be normalised, the input has ${x.rank}`, [
      { label: 'input', shape: x.shape },
    ]);
  }
  const shape = x.shape.slice(-axes);
  for (const [label, parameter] of Object.entries(parameters)) {
    if (parameter === undefined) continue;
    expectFloat(where, label, parameter);
    if (!sameShape(parameter.shape, shape)) {
      throw new ShapeError(
        where,
        `the ${label} has shape [${parameter.shape}], the last axes of the input [${shape}]`,
        [
          { label: 'input', shape: x.shape },
          { label, shape: parameter.shape },
        ],
      );
    }
  }
  return shape.reduce((size, length) => size * length, 1);
}
