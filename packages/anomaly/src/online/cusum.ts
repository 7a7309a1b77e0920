import type { State } from '../detector/definition';
import { between, type Ranges, whole } from '../detector/ranges';
import { LEARNING, OnlineDetector, requireValue, type Verdict, verdict } from './online-detector';
import { RunningMoments, standardised } from './running-moments';

/** Options of `CUSUM`. */
export interface CUSUMOptions {
  /** Drift that is allowed, in standard deviations: half the shift to be found. @default 0.5 */
  drift?: number;
  /** The limit of the sums, in standard deviations. @default 5 */
  limit?: number;
  /** Values from which mean and deviation are learnt before anything is judged; from 2. @default 50 */
  warmUp?: number;
}

const ranges: Ranges<CUSUMOptions> = {
  drift: between(0.5, '[)', 0),
  limit: between(5, '()', 0),
  warmUp: whole(50, 2),
};

/**
 * Cumulative sums of what goes beyond an allowed drift, up and down: the quickest to find a lasting shift of known size.
 *
 * ```
 * z = (value - mean) / deviation of the warm-up
 * up = max(0, up + z - drift)       down = max(0, down - z - drift)       score = -max(up, down)
 * ```
 *
 * Both sums begin anew after an alarm. Page (1954).
 */
export class CUSUM extends OnlineDetector<CUSUMOptions> {
  readonly layout = { moments: 'float64', up: 'number', down: 'number' } as const;
  readonly #moments = new RunningMoments();
  #up = 0;
  #down = 0;

  /** @throws ParameterError for options out of range */
  constructor(options: CUSUMOptions = {}) {
    super('CUSUM', ranges, options);
  }

  update(value: number): Verdict {
    requireValue('CUSUM', value);
    const { drift, limit, warmUp } = this.options;
    if (this.#moments.count < warmUp) {
      this.#moments.add(value);
      return LEARNING;
    }
    const z = standardised(value, this.#moments);
    this.#up = Math.max(0, this.#up + z - drift);
    this.#down = Math.max(0, this.#down - z - drift);
    const judged = verdict(Math.max(this.#up, this.#down), limit);
    if (judged.label === -1) [this.#up, this.#down] = [0, 0];
    return judged;
  }

  /** @internal */
  get state() {
    return { moments: this.#moments.state, up: this.#up, down: this.#down };
  }

  /** @internal */
  resume({ moments, up, down }: State): string | undefined {
    if (!this.#moments.resume(moments as Float64Array)) return 'its moments are none';
    if (!((up as number) >= 0 && (down as number) >= 0)) return `its sums are ${up as number} and ${down as number}`;
    [this.#up, this.#down] = [up as number, down as number];
    return undefined;
  }
}
