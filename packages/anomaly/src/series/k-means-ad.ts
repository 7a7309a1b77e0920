import { type Key, key } from '@dl/core';
import { kMeans } from '../clustering/k-means';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { random, whole } from '../detector/ranges';
import { nearestNeighbors } from '../neighbors/nearest-neighbors';

/** Options of `KMeansAD` besides the window. */
export interface KMeansADOptions extends ShareOptions {
  /** How many groups; at most as many as windows. @default 10 */
  nClusters?: number;
  /** How often k-means starts anew; the closest groups are taken. @default 5 */
  nInit?: number;
  /** Where the groups begin. @default key(0) */
  key?: Key;
}

/** What it keeps. */
export type KMeansADState = {
  /** `[clusters, window * features]` */
  centers: Float64Array;
};

/** The negative distance to the nearest centre of k-means, for rows that are windows. Yairi, Kato, Hori (2001). */
export const kMeansDistance: Definition<KMeansADOptions, KMeansADState> = {
  name: 'KMeansAD',
  ranges: { ...shareRanges, nClusters: whole(10), nInit: whole(5), key: random(key(0)) },
  fit(rows, options) {
    const k = Math.min(options.nClusters, rows.rows);
    const runs = options.key.split(options.nInit).map((start) => kMeans(rows, k, start));
    const best = runs.reduce((least, run) => (run.inertia < least.inertia ? run : least));
    return { state: { centers: best.centers } };
  },
  score({ centers }, rows) {
    const groups = { data: centers, rows: centers.length / rows.columns, columns: rows.columns };
    return nearestNeighbors(groups, rows, 1, {}).distances.map((d) => -d);
  },
  layout: { centers: 'float64' },
  faultOf: ({ centers }, columns) =>
    centers.length > 0 && centers.length % columns === 0
      ? undefined
      : `centres of ${centers.length} numbers for windows of ${columns}`,
};
