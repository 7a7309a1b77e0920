import { countUpTo } from '../data/count-up-to';
import { judged } from '../data/quantile';
import type { DataOptions } from '../detector/common-options';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import { regularisedBeta } from '../statistics/beta';

/**
 * How sure each label is: the probability that a row would get the same label from other training rows of the same source
 * and number. 0.5 at the threshold, 1 far from it.
 *
 * For n training rows, k of them below the threshold and p = (1 + rows that are at most as abnormal) / (2 + n), an outlier
 * has P(Binomial(n, p) > n - k), an inlier one minus that. Perini, Vercruyssen, Davis, Quantifying the Confidence of
 * Anomaly Detectors in Their Example-Wise Predictions (2020); PyOD's `predict_confidence`.
 *
 * @param detector fitted; with whatever threshold it has
 * @param scores as it gives them: `scoreSamples(x)`, or `scores` of an outlier detector
 * @throws NotFittedError for a detector without a fit
 *
 * @example
 * ```ts
 * import { confidence, novelty } from '@dl/anomaly';
 *
 * const clean = Array.from({ length: 100 }, (_, i) => [i % 10]);
 * const detector = new novelty.Mahalanobis().fit(clean);
 * const sure = confidence(detector, detector.scoreSamples([[4.5], [50]])); // both near 1
 * ```
 */
export function confidence(
  detector: NoveltyDetector<DataOptions, unknown> | OutlierDetector<DataOptions, unknown>,
  scores: ArrayLike<number>,
): Float64Array {
  const { definition, offset } = detector;
  const isOutlier = (score: number) => score < offset || (score === offset && definition.strict === true);
  const training = judged(detector.knowledge.trainingScores());
  const abnormality = training.map((score) => -score).sort();
  const n = training.length;
  const outliers = training.filter(isOutlier).length;
  return Float64Array.from(scores, (score) => {
    if (Number.isNaN(score)) return score; // not judged
    const p = (1 + countUpTo(abnormality, -score)) / (2 + n);
    const outlying = outliers === 0 ? 0 : regularisedBeta(n - outliers + 1, outliers, p);
    return isOutlier(score) ? outlying : 1 - outlying;
  });
}
