import type { ShareOptions } from '../detector/common-options';
import { skewed, type TailState, tailDetector } from './tail-probabilities';

/** Options of `COPOD`. */
export type COPODOptions = ShareOptions;

/** What a fitted `COPOD` keeps. */
export type COPODState = TailState;

/**
 * Empirical copula: a feature counts by the mean of its two tails (as -ln of their probabilities), or by that which its
 * skewness points to where that is more. Additive: `explain` shows what each feature adds. A score depends on the
 * training rows alone, where PyOD's depends on the rows it is scored with.
 * Li, Zhao, Botta, Ionescu, Hu (2020).
 */
export const copod = tailDetector('COPOD', (left, right, skew) =>
  Math.max(skewed(left, right, skew), (left + right) / 2),
);
