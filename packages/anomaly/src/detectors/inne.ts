import { type Key, key, ShapeError } from '@dl/core';
import { type Matrix, takeRows } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { either, oneOf, random, whole } from '../detector/ranges';
import { withKernels } from '../memory/kernels';
import { sampleWithoutReplacement } from '../random/sample';

/** Options of `INNE`. */
export interface INNEOptions extends ShareOptions {
  /**
   * How many sets of spheres.
   * @default 200
   */
  nEstimators?: number;
  /**
   * Spheres of a set: `auto` is 8, or all rows where there are fewer.
   * @default 'auto'
   */
  maxSamples?: 'auto' | number;
  /**
   * What the centres are drawn with.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `INNE` keeps. */
export type INNEState = {
  /** Centres of all sets, `[sets, spheres, features]`. */
  centers: Float64Array;
  /** Squared radius of each: the squared distance to the next centre of its set. `[sets, spheres]` */
  radii: Float64Array;
  /** 1 - radius of the next centre's sphere / own radius, both squared. `[sets, spheres]` */
  ratios: Float64Array;
};

const NAME = 'INNE';

/**
 * Isolation by nearest neighbours: around each of a few random training rows lies a sphere that reaches to the next of them.
 * A row counts, in each set, by the smallest sphere that it lies in: little where the sphere's neighbour has one of the same
 * size, and 1 where it lies in none: score = -mean over sets. Finds local outliers in linear time.
 * Bandaragoda, Ting, Albrecht, Liu, Zhu, Wells (2018).
 */
export const inne: Definition<INNEOptions, INNEState> = {
  name: NAME,
  ranges: {
    ...shareRanges,
    nEstimators: whole(200),
    maxSamples: either<'auto', number>(oneOf('auto', ['auto']), whole(8, 2)),
    key: random(key(0)),
  },
  fit(rows, { nEstimators, maxSamples, key: from }) {
    const { rows: n, columns: d } = rows;
    if (n < 2) throw new ShapeError(NAME, `Found array with 1 sample(s) while a minimum of 2 is required by ${NAME}`);
    const spheres = Math.min(n, maxSamples === 'auto' ? 8 : maxSamples);
    const centers = new Float64Array(nEstimators * spheres * d);
    const radii = new Float64Array(nEstimators * spheres);
    const ratios = new Float64Array(nEstimators * spheres);
    for (let s = 0; s < nEstimators; s++) {
      const own = takeRows(rows, sampleWithoutReplacement(n, spheres, from.fold(s))).data;
      centers.set(own, s * spheres * d);
      const next = new Int32Array(spheres);
      for (let i = 0; i < spheres; i++) {
        let least = Number.POSITIVE_INFINITY;
        for (let j = 0; j < spheres; j++) {
          if (j === i) continue;
          let distance = 0;
          for (let f = 0; f < d; f++) distance += (own[i * d + f]! - own[j * d + f]!) ** 2;
          if (distance < least) {
            least = distance;
            next[i] = j;
          }
        }
        radii[s * spheres + i] = least;
      }
      for (let i = 0; i < spheres; i++) {
        const [radius, neighbour] = [radii[s * spheres + i]!, radii[s * spheres + next[i]!]!];
        ratios[s * spheres + i] = radius > 0 ? 1 - neighbour / radius : 0; // equal rows: nothing is isolated
      }
    }
    return { state: { centers, radii, ratios } };
  },
  score: ({ centers, radii, ratios }, rows, { nEstimators }) => isolation(rows, centers, radii, ratios, nEstimators),
  layout: { centers: 'float64', radii: 'float64', ratios: 'float64' },
  faultOf({ centers, radii, ratios }, columns, { nEstimators }) {
    if (radii.length === 0 || radii.length % nEstimators !== 0 || ratios.length !== radii.length) {
      return `${radii.length} radii and ${ratios.length} ratios of ${nEstimators} sets`;
    }
    return centers.length === radii.length * columns
      ? undefined
      : `${centers.length} numbers for ${radii.length} centres`;
  },
};

const ROWS_AT_ONCE = 256;

function isolation(
  { data, rows: m, columns: d }: Matrix,
  centers: Float64Array,
  radii: Float64Array,
  ratios: Float64Array,
  sets: number,
): Float64Array {
  const n = radii.length;
  const spheres = n / sets;
  const scores = new Float64Array(m);
  const lengths = new Float64Array(n);
  for (let c = 0; c < n; c++) for (let f = 0; f < d; f++) lengths[c]! += centers[c * d + f]! ** 2;
  return withKernels((kernels, lease) => {
    const packed = lease.bytes(kernels.panelBytes(n, d));
    kernels.packRows(n, d, lease.put(centers), packed);
    const x = lease.put(data);
    const [out, scratch] = [lease.bytes(8 * ROWS_AT_ONCE * n), lease.bytes(128)];
    for (let from = 0; from < m; from += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, m - from);
      kernels.products(count, n, d, x + from * d * 8, packed, out, scratch);
      const dots = lease.float64(out, count * n);
      for (let i = 0; i < count; i++) {
        let length = 0;
        for (let f = 0; f < d; f++) length += data[(from + i) * d + f]! ** 2;
        let sum = 0;
        for (let c = 0, at = i * n; c < n; ) {
          let [smallest, ratio] = [Number.POSITIVE_INFINITY, 1];
          for (let s = 0; s < spheres; s++, c++, at++) {
            const radius = radii[c]!;
            // |x|^2 - 2 x . c + |c|^2 is rounded: a centre lies in its own sphere, be it a point
            const within = length - 2 * dots[at]! + lengths[c]! <= radius + 1e-13 * (length + lengths[c]!);
            if (within && radius < smallest) [smallest, ratio] = [radius, ratios[c]!];
          }
          sum += ratio;
        }
        scores[from + i] = -sum / sets;
      }
    }
    return scores;
  });
}
