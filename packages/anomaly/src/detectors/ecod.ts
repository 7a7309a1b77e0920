import type { ShareOptions } from '../detector/common-options';
import { skewed, type TailState, tailDetector } from './tail-probabilities';

/** Options of `ECOD`. */
export type ECODOptions = ShareOptions;

/** What a fitted `ECOD` keeps. */
export type ECODState = TailState;

/**
 * Empirical cumulative distributions: a feature counts by the thinner of its two tails, or by that which its skewness
 * points to where that is more. Additive: `explain` shows what each feature adds. A score depends on the training rows
 * alone, where PyOD's depends on the rows it is scored with.
 * Li, Zhao, Hu, Botta, Ionescu, Chen (2022).
 */
export const ecod = tailDetector('ECOD', (left, right, skew) => Math.max(skewed(left, right, skew), left, right));
