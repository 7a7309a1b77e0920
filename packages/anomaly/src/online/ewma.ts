import { between, complete, type Ranges, whole } from '../detector/ranges';
import { LEARNING, type OnlineDetector, requireValue, type Verdict, verdict } from './online-detector';
import { RunningMoments, standardised } from './running-moments';

/** Options of `EWMA`. */
export interface EWMAOptions {
  /** Weight of the newest value; 0 < lambda <= 1. @default 0.2 */
  lambda?: number;
  /** The limit, in standard deviations of the average. @default 3 */
  limit?: number;
  /** Values from which mean and deviation are learnt before anything is judged; from 2. @default 50 */
  warmUp?: number;
}

const ranges: Ranges<EWMAOptions> = {
  lambda: between(0.2, '(]', 0, 1),
  limit: between(3, '()', 0),
  warmUp: whole(50, 2),
};

/**
 * The chart of an exponentially weighted moving average: finds small lasting shifts of the level of a stationary stream.
 *
 * ```
 * z = (value - mean) / deviation of the warm-up       a = lambda z + (1 - lambda) a
 * score = -|a| / sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2t)))
 * ```
 *
 * Roberts (1959).
 *
 * @example
 * ```ts
 * import { online } from '@dl/anomaly';
 *
 * const chart = new online.EWMA({ warmUp: 20 });
 * for (let t = 0; t < 40; t++) chart.update(Math.sin(t * t));
 * const label = chart.update(9).label; // -1
 * ```
 */
export class EWMA implements OnlineDetector {
  readonly #options;
  readonly #moments = new RunningMoments();
  #average = 0;
  #judged = 0;

  /** @throws ParameterError for options out of range */
  constructor(options: EWMAOptions = {}) {
    this.#options = complete('EWMA', ranges, options);
  }

  update(value: number): Verdict {
    requireValue('EWMA', value);
    const { lambda, limit, warmUp } = this.#options;
    if (this.#moments.count < warmUp) {
      this.#moments.add(value);
      return LEARNING;
    }
    this.#average = lambda * standardised(value, this.#moments) + (1 - lambda) * this.#average;
    const variance = (lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * ++this.#judged));
    return verdict(Math.abs(this.#average) / Math.sqrt(variance), limit);
  }
}
