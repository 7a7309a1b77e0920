import { ConfigError } from '@dl/core';
import { between, callable, either, oneOf, type Ranges } from '../detector/ranges';

/** A distance between two rows. */
export type Distance = (a: Float64Array, b: Float64Array) => number;

/** How distances between rows are measured. */
export interface MetricOptions {
  /**
   * `minkowski`: (sum |a - b|^p)^(1/p); `euclidean`, `manhattan` and `chebyshev` are p = 2, 1 and infinity; `cosine`: 1 - cos
   * of the angle; `precomputed`: rows hold the distances to all training rows; or a function of two rows.
   * @default 'minkowski'
   */
  metric?: 'minkowski' | 'euclidean' | 'manhattan' | 'chebyshev' | 'cosine' | 'precomputed' | Distance;
  /**
   * The power of `minkowski`, at least 1.
   * @default 2
   */
  p?: number;
}

/** Ranges of `MetricOptions`. */
export const metricRanges: Ranges<MetricOptions> = {
  metric: either(
    oneOf('minkowski', ['minkowski', 'euclidean', 'manhattan', 'chebyshev', 'cosine', 'precomputed']),
    callable<Distance>('a function of two rows'),
  ),
  p: between(2, '[)', 1),
};

/** Whether rows hold distances. */
export function isPrecomputed({ metric }: MetricOptions): boolean {
  return metric === 'precomputed';
}

/** The distance as a function of two rows; `euclidean` for the one that kernels compute. */
export function distanceOf({ metric = 'minkowski', p = 2 }: MetricOptions): Distance | 'euclidean' {
  if (typeof metric === 'function') return metric;
  switch (metric) {
    case 'euclidean':
      return 'euclidean';
    case 'manhattan':
      return manhattan;
    case 'chebyshev':
      return chebyshev;
    case 'cosine':
      return cosine;
    case 'minkowski':
      return p === 2 ? 'euclidean' : p === 1 ? manhattan : minkowski(p);
    case 'precomputed':
      throw new ConfigError('metric', 'precomputed distances are not computed');
  }
}

const manhattan: Distance = (a, b) => {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += Math.abs(a[f]! - b[f]!);
  return sum;
};

const chebyshev: Distance = (a, b) => {
  let largest = 0;
  for (let f = 0; f < a.length; f++) largest = Math.max(largest, Math.abs(a[f]! - b[f]!));
  return largest;
};

const cosine: Distance = (a, b) => {
  let [dot, aa, bb] = [0, 0, 0];
  for (let f = 0; f < a.length; f++) {
    dot += a[f]! * b[f]!;
    aa += a[f]! * a[f]!;
    bb += b[f]! * b[f]!;
  }
  const lengths = Math.sqrt(aa) * Math.sqrt(bb);
  return lengths === 0 ? 1 : Math.max(0, 1 - dot / lengths); // scikit-learn: a row of zeros is orthogonal to all
};

function minkowski(p: number): Distance {
  return (a, b) => {
    let sum = 0;
    for (let f = 0; f < a.length; f++) sum += Math.abs(a[f]! - b[f]!) ** p;
    return sum ** (1 / p);
  };
}
