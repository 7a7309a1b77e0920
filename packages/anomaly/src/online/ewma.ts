import type { State } from '../detector/definition';
import { between, type Ranges, whole } from '../detector/ranges';
import { isCount, LEARNING, OnlineDetector, requireValue, type Verdict, verdict } from './online-detector';
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
export class EWMA extends OnlineDetector<EWMAOptions> {
  readonly layout = { moments: 'float64', average: 'number', judged: 'number' } as const;
  readonly #moments = new RunningMoments();
  #average = 0;
  #judged = 0;

  /** @throws ParameterError for options out of range */
  constructor(options: EWMAOptions = {}) {
    super('EWMA', ranges, options);
  }

  update(value: number): Verdict {
    requireValue('EWMA', value);
    const { lambda, limit, warmUp } = this.options;
    if (this.#moments.count < warmUp) {
      this.#moments.add(value);
      return LEARNING;
    }
    this.#average = lambda * standardised(value, this.#moments) + (1 - lambda) * this.#average;
    const variance = (lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * ++this.#judged));
    return verdict(Math.abs(this.#average) / Math.sqrt(variance), limit);
  }

  /** @internal */
  get state() {
    return { moments: this.#moments.state, average: this.#average, judged: this.#judged };
  }

  /** @internal */
  resume({ moments, average, judged }: State): string | undefined {
    if (!this.#moments.resume(moments as Float64Array)) return 'its moments are none';
    if (!isCount(judged as number)) return `${judged as number} values were judged`;
    [this.#average, this.#judged] = [average as number, judged as number];
    return undefined;
  }
}
