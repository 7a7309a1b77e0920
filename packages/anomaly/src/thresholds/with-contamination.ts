import { ConfigError } from '@dl/core';
import { judged, percentile } from '../data/quantile';
import type { DataOptions } from '../detector/common-options';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';

/**
 * The same fitted detector with the threshold that another `contamination` would have given; nothing is fitted again.
 * For a threshold of one's own: `detector.withOffset(number)`.
 *
 * @param detector fitted
 * @param contamination the share of training rows below the threshold, 0 < contamination <= 0.5; `auto`: the threshold of
 * the method's paper, where it names one
 * @throws NotFittedError for a detector without a fit
 * @throws ConfigError for a share out of range, and for `auto` where no paper names a threshold
 *
 * @example
 * ```ts
 * import { outlier, withContamination } from '@dl/anomaly';
 *
 * const rows = [[0], [1], [2], [3], [4], [5], [6], [7], [8], [90]];
 * const detector = new outlier.KNearestNeighbors({ nNeighbors: 2, contamination: 0.3 });
 * detector.fitPredict(rows);
 * const labels = withContamination(detector, 0.1).labels; // one -1, the last
 * ```
 */
export function withContamination<
  D extends NoveltyDetector<DataOptions, unknown> | OutlierDetector<DataOptions, unknown>,
>(detector: D, contamination: number | 'auto'): D {
  const { definition, knowledge, options } = detector;
  if (contamination === 'auto') {
    if (definition.autoOffset === undefined) {
      throw new ConfigError(definition.name, 'no paper names a threshold for it', 'give a share: 0.1');
    }
    return detector.withOffset(definition.autoOffset(knowledge.state, knowledge.columns, options)) as D;
  }
  if (!(contamination > 0 && contamination <= 0.5)) {
    throw new ConfigError(definition.name, `contamination is ${contamination}`, '0 < contamination <= 0.5');
  }
  const scores = judged(knowledge.trainingScores());
  if (scores.length === 0) {
    throw new ConfigError(
      definition.name,
      'has no scores of training rows to take a share of',
      'use withOffset(number)',
    );
  }
  return detector.withOffset(percentile(scores, 100 * contamination)) as D;
}
