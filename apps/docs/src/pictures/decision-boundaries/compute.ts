import { novelty, outlier } from '@dl/anomaly';

/** A place in the plane, both numbers from 0 to 1. */
export type Point = readonly [x: number, y: number];

/** What a point is: of the usual, planted among them, or new. */
export type Kind = 'normal' | 'outlier' | 'new';

export interface Placed {
  readonly at: Point;
  readonly kind: Kind;
}

export const DETECTORS = [
  'IsolationForest',
  'LocalOutlierFactor',
  'OneClassSVM',
  'EllipticEnvelope',
  'Mahalanobis',
] as const;
export type DetectorName = (typeof DETECTORS)[number];
export type Task = 'outlier' | 'novelty';

/** What a detector is asked. */
export interface Question {
  readonly detector: DetectorName;
  readonly task: Task;
  /** The share of training points below the threshold; nu of `OneClassSVM`. */
  readonly contamination: number;
  readonly points: readonly Placed[];
}

/** What it answers. */
export interface Answer {
  /** For each point: 1 where it is judged normal, -1 where not, undefined where it is not judged. */
  readonly labels: readonly (number | undefined)[];
  /** How far above the threshold each place of a grid is, `[row * size + column]`, negative outside; rows from y = 0 up. */
  readonly field: Float64Array;
  /** Points that the detector learnt from. */
  readonly learnt: number;
}

/** Fewer points say nothing of a spread in two directions. */
export const FEWEST = 5;

/** Places of the grid along each side. */
export const GRID = 64;

/**
 * Outlier detection learns from all points and judges them; novelty detection learns from the usual ones and judges the others.
 * The field is that of a novelty detector which learnt from the same points: where a further point would be judged normal.
 *
 * @returns undefined where there are too few points to learn from
 */
export function judge({ detector, task, contamination, points }: Question): Answer | undefined {
  const training = points.filter(({ kind }) => (task === 'outlier' ? kind !== 'new' : kind === 'normal'));
  if (training.length < FEWEST) return undefined;
  const options = { contamination, nNeighbors: Math.min(10, training.length - 1) };
  const rows = training.map(({ at }) => [...at]);
  const learnt = noveltyOf(detector, options).fit(rows);
  const field = learnt.decisionFunction(grid());
  const isTrained = new Set(training);
  let labels: (number | undefined)[];
  if (task === 'outlier') {
    const judged = outlierOf(detector, options).fitPredict(rows);
    labels = points.map((point) => (isTrained.has(point) ? judged[training.indexOf(point)] : undefined));
  } else {
    labels = points.map((point) => (isTrained.has(point) ? undefined : learnt.predict([[...point.at]])[0]));
  }
  return { labels, field, learnt: training.length };
}

interface Options {
  readonly contamination: number;
  readonly nNeighbors: number;
}

function noveltyOf(name: DetectorName, { contamination, nNeighbors }: Options) {
  switch (name) {
    case 'IsolationForest':
      return new novelty.IsolationForest({ contamination });
    case 'LocalOutlierFactor':
      return new novelty.LocalOutlierFactor({ contamination, nNeighbors });
    case 'OneClassSVM':
      return new novelty.OneClassSVM({ nu: contamination });
    case 'EllipticEnvelope':
      return new novelty.EllipticEnvelope({ contamination });
    case 'Mahalanobis':
      return new novelty.Mahalanobis({ contamination });
  }
}

function outlierOf(name: DetectorName, { contamination, nNeighbors }: Options) {
  switch (name) {
    case 'IsolationForest':
      return new outlier.IsolationForest({ contamination });
    case 'LocalOutlierFactor':
      return new outlier.LocalOutlierFactor({ contamination, nNeighbors });
    case 'OneClassSVM':
      return new outlier.OneClassSVM({ nu: contamination });
    case 'EllipticEnvelope':
      return new outlier.EllipticEnvelope({ contamination });
    case 'Mahalanobis':
      return new outlier.Mahalanobis({ contamination });
  }
}

function grid() {
  const data = new Float64Array(2 * GRID * GRID);
  for (let at = 0; at < GRID * GRID; at++) {
    data[2 * at] = (at % GRID) / (GRID - 1);
    data[2 * at + 1] = Math.floor(at / GRID) / (GRID - 1);
  }
  return { data, shape: [GRID * GRID, 2] };
}
