import { fill, ones as onesTensor, type Tensor, tensor, zeros as zerosTensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Key } from '../random';
import { checkShape } from './checks';
import type { Shape } from './module';

/** Makes the first values of a parameter. The same shape and key give the same values on every backend. */
export type Initializer = (shape: Shape, key: Key) => Tensor;

/** How many inputs one output of a weight sums over, and how many outputs one input reaches. */
export interface Fans {
  in: number;
  out: number;
}

/** Options of the initialisers that scale by the fans. */
export interface FanOptions {
  /** The fans, where the shape does not tell them (a depthwise kernel). @default those of `fansOf(shape)` */
  fans?: Fans;
}

/** The larger number of elements one parameter may have: a float32 tensor of 2 GiB. */
const LARGEST = 2 ** 29;

/**
 * The fans of a weight by its shape.
 *
 * - `[out, in]`, as of `Linear` and the recurrent layers: those two.
 * - `[...kernel, in, out]`, as of convolutions: `in` and `out`, each times the product of the kernel's sizes.
 *
 * @throws ConfigError for fewer than two axes: a bias has no fans
 */
export function fansOf(shape: Shape): Fans {
  if (shape.length < 2) {
    throw new ConfigError(
      'initializer',
      `a parameter of shape [${shape}] has no fans`,
      'use zeros, uniform or normal for biases and gains, or give fans: { in, out }',
    );
  }
  if (shape.length === 2) return { in: shape[1]!, out: shape[0]! };
  const kernel = product(shape.slice(0, -2));
  return { in: kernel * shape.at(-2)!, out: kernel * shape.at(-1)! };
}

/** All zero. */
export const zeros: Initializer = (shape) => zerosTensor(checked(shape));

/** All one. */
export const ones: Initializer = (shape) => onesTensor(checked(shape));

/** All the same value. */
export function constant(value: number): Initializer {
  return (shape) => fill(checked(shape), value, 'float32');
}

/** Evenly spread over `[min, max)`. */
export function uniform(range: { min?: number; max?: number } = {}): Initializer {
  return drawn((sizes, key) => key.uniform(sizes, range));
}

/** Normally distributed, by default with mean 0 and standard deviation 1. */
export function normal(options: { mean?: number; std?: number } = {}): Initializer {
  return drawn((sizes, key) => key.normal(sizes, options));
}

/**
 * Normally distributed, of which only values within the bounds count: JAX's and, but for the bounds, PyTorch's
 * `trunc_normal_`. The values spread a little less than `std` then (0.88 of it within 2 deviations).
 *
 * @param options.min lower bound, in standard deviations from the mean. @default -2
 * @param options.max upper bound, in standard deviations from the mean. @default 2
 */
export function truncatedNormal(
  options: { mean?: number; std?: number; min?: number; max?: number } = {},
): Initializer {
  return drawn((sizes, key) => key.truncatedNormal(sizes, options));
}

/**
 * Glorot and Bengio 2010, for tanh and sigmoid: `U(-b, b)`, `b = gain sqrt(6 / (fanIn + fanOut))`. PyTorch's
 * `xavier_uniform_`.
 */
export function glorotUniform({ gain = 1, fans }: { gain?: number } & FanOptions = {}): Initializer {
  return byFans(fans, ({ in: fanIn, out }) => symmetric(gain * Math.sqrt(6 / (fanIn + out))));
}

/** Glorot and Bengio 2010: `N(0, std)`, `std = gain sqrt(2 / (fanIn + fanOut))`. PyTorch's `xavier_normal_`. */
export function glorotNormal({ gain = 1, fans }: { gain?: number } & FanOptions = {}): Initializer {
  return byFans(fans, ({ in: fanIn, out }) => normal({ std: gain * Math.sqrt(2 / (fanIn + out)) }));
}

/** Options of `heUniform` and `heNormal`. */
export interface HeOptions extends FanOptions {
  /** Keep the variance of the activations (`in`) or of the gradients (`out`). @default 'in' */
  mode?: 'in' | 'out';
  /** Slope of the leaky ReLU that follows; 0 is ReLU, PyTorch's `a`. @default 0 */
  slope?: number;
}

/**
 * He et al. 2015, for ReLU: `U(-b, b)`, `b = gain sqrt(3 / fan)`, `gain = sqrt(2 / (1 + slope^2))`. PyTorch's
 * `kaiming_uniform_`.
 */
export function heUniform({ mode = 'in', slope = 0, fans }: HeOptions = {}): Initializer {
  return byFans(fans, (fan) => symmetric(heGain(slope) * Math.sqrt(3 / fan[mode])));
}

/** He et al. 2015: `N(0, std)`, `std = gain / sqrt(fan)`. PyTorch's `kaiming_normal_`. */
export function heNormal({ mode = 'in', slope = 0, fans }: HeOptions = {}): Initializer {
  return byFans(fans, (fan) => normal({ std: heGain(slope) / Math.sqrt(fan[mode]) }));
}

/** LeCun et al. 1998, for SELU: `U(-b, b)`, `b = sqrt(3 / fanIn)`. */
export function lecunUniform({ fans }: FanOptions = {}): Initializer {
  return byFans(fans, (fan) => symmetric(Math.sqrt(3 / fan.in)));
}

/** LeCun et al. 1998, for SELU: `N(0, std)`, `std = sqrt(1 / fanIn)`. */
export function lecunNormal({ fans }: FanOptions = {}): Initializer {
  return byFans(fans, (fan) => normal({ std: Math.sqrt(1 / fan.in) }));
}

/**
 * PyTorch's default for the weights of `Linear` and convolutions, and for their biases with the fans of the weight:
 * `U(-b, b)`, `b = 1 / sqrt(fanIn)`, which is `heUniform({ slope: sqrt(5) })`.
 */
export function torchDefault({ fans }: FanOptions = {}): Initializer {
  return byFans(fans, (fan) => symmetric(1 / Math.sqrt(fan.in)));
}

/**
 * An orthogonal matrix, for recurrent weights: rows or columns, whichever are fewer, are orthonormal times `gain`
 * (Saxe et al. 2013, PyTorch's `orthogonal_`). More than two axes are seen as a matrix of the last axis against the rest.
 */
export function orthogonal({ gain = 1 }: { gain?: number } = {}): Initializer {
  return (shape, key) => {
    const sizes = checked(shape);
    if (sizes.length < 2) {
      throw new ConfigError('orthogonal', `a parameter of shape [${sizes}] is no matrix`, 'it needs two axes or more');
    }
    const columns = sizes.at(-1)!;
    const rows = product(sizes) / columns;
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const basis = orthonormalise(Float64Array.from(key.normal(count * length)), count, length);
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        values[i * columns + j] = gain * (rows < columns ? basis[i * length + j]! : basis[j * length + i]!);
      }
    }
    return tensor(values, sizes, 'float32');
  };
}

/** The Q of the QR decomposition with a positive diagonal of R, by Gram and Schmidt's modified method, over rows. */
function orthonormalise(vectors: Float64Array, count: number, length: number): Float64Array {
  const rows = Array.from({ length: count }, (_, i) => vectors.subarray(i * length, (i + 1) * length));
  for (const [i, row] of rows.entries()) {
    const norm = Math.sqrt(dot(row, row));
    for (let k = 0; k < length; k++) row[k]! /= norm;
    for (const later of rows.slice(i + 1)) {
      const along = dot(row, later);
      for (let k = 0; k < length; k++) later[k]! -= along * row[k]!;
    }
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function drawn(draw: (sizes: number[], key: Key) => Float32Array): Initializer {
  return (shape, key) => {
    const sizes = checked(shape);
    return tensor(draw(sizes, key), sizes, 'float32');
  };
}

function byFans(fans: Fans | undefined, choose: (fans: Fans) => Initializer): Initializer {
  return (shape, key) => choose(fans ?? fansOf(shape))(shape, key);
}

function symmetric(bound: number): Initializer {
  return uniform({ min: -bound, max: bound });
}

function heGain(slope: number): number {
  return Math.sqrt(2 / (1 + slope * slope));
}

function product(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A shape that may be allocated: a size read from a file must not fill the heap. */
function checked(shape: Shape): number[] {
  if (shape.length > 0) checkShape({ where: 'initializer' }, 'the shape', shape);
  if (product(shape) > LARGEST) {
    throw new ConfigError('initializer', `a parameter of shape [${shape}] does not fit: at most 2^29 elements do`);
  }
  return [...shape];
}
