import { rank } from './ranking';

/** The threshold at which F1 is largest. */
export interface BestF1 {
  /** 2 precision recall / (precision + recall). */
  f1: number;
  /** Rows with a score of at least this count as anomalies. */
  threshold: number;
  precision: number;
  recall: number;
}

/**
 * The largest F1 over all thresholds, with the threshold that gives it: the smallest number of alarms where several do.
 * The maximum over scikit-learn's `precision_recall_curve`. It knows the truth, so it is an upper bound for what any
 * threshold reaches, and no threshold to be used.
 *
 * @param scores bigger for more abnormal: the negative of what a detector gives
 * @param truth 1 or true for an anomaly, 0 or false for a normal row
 * @returns NaN for all four where there is no anomaly
 *
 * @example
 * ```ts
 * import { bestF1 } from '@dl/anomaly';
 *
 * bestF1([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0]); // { f1: 0.8, threshold: 0.3, precision: 0.667, recall: 1 }
 * ```
 */
export function bestF1(scores: ArrayLike<number>, truth: ArrayLike<number | boolean>): BestF1 {
  const { order, anomalies } = rank('bestF1', scores, truth);
  let best: BestF1 = { f1: Number.NaN, threshold: Number.NaN, precision: Number.NaN, recall: Number.NaN };
  if (anomalies === 0) return best;
  let found = 0;
  for (const [at, i] of order.entries()) {
    found += Number(truth[i]);
    const score = scores[i]!;
    if (at + 1 < order.length && scores[order[at + 1]!] === score) continue; // a threshold takes all rows of a score
    const f1 = (2 * found) / (at + 1 + anomalies);
    if (!(f1 <= best.f1)) best = { f1, threshold: score, precision: found / (at + 1), recall: found / anomalies };
  }
  return best;
}
