import type { DataOptions } from '../detector/common-options';
import * as novelty from './novelty';
import * as outlier from './outlier';
import { asSeries, type Series } from './series';
import type { SeriesNoveltyDetector } from './series-novelty-detector';
import type { SeriesOutlierDetector } from './series-outlier-detector';
import { LEAST_PERIODS, shortPeriod, windowFor } from './windows';

/** What to begin with for a series, and why. */
export interface SeriesRecommendation<D> {
  /** Its class, in `series.outlier` and `series.novelty`. */
  name: keyof typeof outlier;
  /** Ready to be fitted, its window chosen. */
  detector: D;
  /** Why this one, with what was measured. */
  reason: string;
  /** Others, best first. */
  alternatives: readonly {
    name: string;
    /** Mean VUS-PR on seven series of NAB, measured with the defaults. */
    nab: number;
    /** Mean VUS-PR on the 350 series of TSB-AD-U, as published. */
    published?: number;
  }[];
}

const MEASURED = [
  { name: 'KMeansAD', nab: 0.669, published: 0.366 },
  { name: 'SubPCA', nab: 0.612, published: 0.423 },
  { name: 'SubKNN', nab: 0.609, published: 0.35 },
  { name: 'SubIsolationForest', nab: 0.607, published: 0.223 },
  { name: 'SeasonalResidual', nab: 0.361 },
  { name: 'MatrixProfile', nab: 0.349, published: 0.35 },
  { name: 'ARResidual', nab: 0.227 },
  { name: 'SpectralResidual', nab: 0.167, published: 0.324 },
];

/**
 * The detector of series to begin with, by what was measured.
 *
 * @param task `outlier`: the series holds anomalies, and is to be judged; `novelty`: it is clean, and others are to be judged
 * @param x the training series: whether it has a period decides
 * @param anomalies stretches of time that are unlike the rest, or single points. @default 'stretches'
 * @throws ShapeError, NumericsError for what is no series
 *
 * @example
 * ```ts
 * import { series } from '@dl/anomaly';
 *
 * const wave = Array.from({ length: 400 }, (_, t) => Math.sin((2 * Math.PI * t) / 25) + 0.1 * Math.sin(t * t));
 * for (let t = 200; t < 210; t++) wave[t] = 0.5;
 * const { detector } = series.recommend('outlier', wave); // SubPCA, windows of 25
 * detector.fitPredict(wave);
 * const worst = detector.scores.indexOf(Math.min(...detector.scores));
 * const found = Math.abs(worst - 205) < 20; // true
 * ```
 */
export function recommend(
  task: 'outlier',
  x: Series,
  anomalies?: 'stretches' | 'points',
): SeriesRecommendation<SeriesOutlierDetector<DataOptions, unknown>>;
export function recommend(
  task: 'novelty',
  x: Series,
  anomalies?: 'stretches' | 'points',
): SeriesRecommendation<SeriesNoveltyDetector<DataOptions, unknown>>;
export function recommend(
  task: 'outlier' | 'novelty',
  x: Series,
  anomalies: 'stretches' | 'points' = 'stretches',
): SeriesRecommendation<SeriesOutlierDetector<DataOptions, unknown> | SeriesNoveltyDetector<DataOptions, unknown>> {
  const rows = asSeries(x, 'recommend');
  const classes = task === 'outlier' ? outlier : novelty;
  const without = (name: string) => MEASURED.filter((other) => other.name !== name);
  if (anomalies === 'points' && rows.columns === 1) {
    return {
      name: 'ARResidual',
      detector: new classes.ARResidual({ order: Math.max(1, Math.min(24, rows.rows >> 1)) }),
      reason:
        'On single odd points forecasts win: VUS-PR 0.962 on a seasonal series, where SubPCA has 0.526 and a random score 0.066.',
      alternatives: without('ARResidual'),
    };
  }
  const window = windowFor(rows);
  const period = shortPeriod(rows);
  if (period !== undefined && rows.rows >= LEAST_PERIODS * window * rows.columns) {
    return {
      name: 'SubPCA',
      detector: new classes.SubPCA({ window }),
      reason:
        `The series repeats after ${period} times. SubPCA has the highest mean VUS-PR of 32 methods on the 350 series of TSB-AD-U ` +
        '(0.423; KMeansAD 0.366, the best deep method 0.386), and on the five series of NAB that repeat it ties with KMeansAD ' +
        '(0.624 and 0.619).',
      alternatives: without('SubPCA'),
    };
  }
  return {
    name: 'KMeansAD',
    detector: new classes.KMeansAD({ window }),
    reason:
      `${period === undefined ? 'The series does not repeat soon enough to learn from' : `${rows.rows} times are few for a covariance of windows of ${window}`}: ` +
      'typical windows are learnt more easily than how windows vary. On the two series of NAB that do not repeat KMeansAD has a ' +
      'mean VUS-PR of 0.794, SubPCA 0.580; on all seven 0.669 and 0.612.',
    alternatives: without('KMeansAD'),
  };
}
