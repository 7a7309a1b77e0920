import { percentileOfSorted } from '../data/quantile';
import type { State } from '../detector/definition';
import { between, type Ranges, whole } from '../detector/ranges';
import { isCount, LEARNING, OnlineDetector, requireValue, type Verdict, verdict } from './online-detector';
import { RunningMoments } from './running-moments';

/** Options of `SPOT`. */
export interface SPOTOptions {
  /** Share of values that may lie above the threshold; 0 < risk < 0.02. @default 1e-4 */
  risk?: number;
  /** Share of the first values that lie below the level from which on values are peaks; 0.5 < level < 1. @default 0.98 */
  level?: number;
  /** Values from which level and tail are learnt before anything is judged; from 100. @default 1000 */
  warmUp?: number;
}

const ranges: Ranges<SPOTOptions> = {
  risk: between(1e-4, '()', 0, 0.02),
  level: between(0.98, '()', 0.5, 1),
  warmUp: whole(1000, 100),
};

/**
 * A threshold for large values of a stream that says how seldom they are: a generalised Pareto distribution of what lies
 * above a level, fitted by moments to all peaks so far, in constant memory after the warm-up.
 *
 * ```
 * shape = (1 - m^2 / v) / 2      scale = m (m^2 / v + 1) / 2      m, v: mean and variance of the excesses
 * threshold = level + scale / shape ((risk values / peaks)^(-shape) - 1)
 * score = -(value - level) / (threshold - level), an outlier below -1
 * ```
 *
 * Outliers are not learnt from. For small values give the negative. Siffer et al. (2017); libspot. The stream must be
 * stationary: `DSPOT` follows one that drifts.
 *
 * @example
 * ```ts
 * import { key, online } from '@dl/anomaly';
 *
 * const spot = new online.SPOT({ warmUp: 500 });
 * for (const value of key(0).normal([500])) spot.update(value);
 * console.log(spot.update(1).label, spot.update(9).label); // 1 -1
 * ```
 */
export class SPOT extends OnlineDetector<SPOTOptions> {
  readonly layout = {
    excesses: 'float64',
    first: 'float64',
    seen: 'number',
    level: 'number',
    threshold: 'number',
  } as const;
  readonly #excesses = new RunningMoments();
  #first: number[] = [];
  #seen = 0;
  #level = Number.NaN;
  #threshold = Number.NaN;

  /** @throws ParameterError for options out of range */
  constructor(options: SPOTOptions = {}) {
    super('SPOT', ranges, options);
  }

  /** The present threshold; NaN during the warm-up. */
  get threshold(): number {
    return this.#threshold;
  }

  update(value: number): Verdict {
    requireValue('SPOT', value);
    if (this.#seen < this.options.warmUp) {
      this.#first.push(value);
      if (++this.#seen === this.options.warmUp) this.#begin();
      return LEARNING;
    }
    const reach = this.#threshold - this.#level;
    const excess = value - this.#level;
    // nothing has ever exceeded the level: whatever does is an outlier
    const judged = reach > 0 ? verdict(excess / reach, 1) : verdict(excess > 0 ? Number.POSITIVE_INFINITY : 0, 1);
    if (judged.label === 1) {
      this.#seen++;
      if (excess > 0) this.#excesses.add(excess);
      this.#place();
    }
    return judged;
  }

  /** @internal */
  get state() {
    return {
      excesses: this.#excesses.state,
      first: Float64Array.from(this.#first),
      seen: this.#seen,
      level: this.#level,
      threshold: this.#threshold,
    };
  }

  /** @internal */
  resume(state: State): string | undefined {
    const { excesses, first, seen, level, threshold } = state as SPOT['state'];
    if (!this.#excesses.resume(excesses)) return 'its excesses have no moments';
    const learning = seen < this.options.warmUp;
    if (!isCount(seen) || first.length !== (learning ? seen : 0) || !first.every(Number.isFinite)) {
      return `${first.length} first values of ${seen} seen`;
    }
    if (!learning && !(threshold >= level)) return `its threshold is ${threshold}, its level ${level}`;
    this.#first = Array.from(first);
    [this.#seen, this.#level, this.#threshold] = [seen, level, threshold];
    return undefined;
  }

  #begin(): void {
    const sorted = Float64Array.from(this.#first).sort();
    this.#level = percentileOfSorted(sorted, 100 * this.options.level);
    for (const value of sorted) if (value > this.#level) this.#excesses.add(value - this.#level);
    this.#first = [];
    this.#place();
  }

  /** Puts the threshold where a share `risk` of the values is expected above. */
  #place(): void {
    const { count, mean, deviation } = this.#excesses;
    if (count === 0) {
      this.#threshold = this.#level;
      return;
    }
    // of equal excesses the moments know no shape: an exponential tail
    const ratio = deviation > 0 ? mean ** 2 / deviation ** 2 : 1;
    const shape = Math.max(-1, (1 - ratio) / 2);
    const scale = mean * (1 - shape); // the mean of the distribution stays that of the excesses
    const rarity = -Math.log((this.options.risk * this.#seen) / count);
    const beyond = Math.abs(shape) < 1e-9 ? scale * rarity : (scale * Math.expm1(shape * rarity)) / shape;
    this.#threshold = this.#level + Math.max(0, beyond);
  }
}

/** Options of `DSPOT`. */
export interface DSPOTOptions extends SPOTOptions {
  /** Values whose mean is subtracted; from 1. @default 20 */
  depth?: number;
}

/**
 * SPOT for a stream that drifts: what is judged is the value less the mean of the last `depth` values that were no outliers.
 * Siffer et al. (2017).
 */
export class DSPOT extends OnlineDetector<DSPOTOptions> {
  readonly #spot: SPOT;
  #last: number[] = [];

  /** @throws ParameterError for options out of range */
  constructor(options: DSPOTOptions = {}) {
    super('DSPOT', { ...ranges, depth: whole(20) }, options);
    const { risk, level, warmUp } = this.options;
    this.#spot = new SPOT({ risk, level, warmUp });
  }

  /** The present threshold, where the mean of the last values is added; NaN during the warm-up. */
  get threshold(): number {
    return this.#spot.threshold + this.#mean();
  }

  update(value: number): Verdict {
    requireValue('DSPOT', value);
    if (this.#last.length < this.options.depth) {
      this.#last.push(value);
      return LEARNING;
    }
    const judged = this.#spot.update(value - this.#mean());
    if (judged.label === 1) this.#last = [...this.#last.slice(1), value];
    return judged;
  }

  /** @internal */
  get layout() {
    return { ...this.#spot.layout, last: 'float64' } as const;
  }

  /** @internal */
  get state() {
    return { ...this.#spot.state, last: Float64Array.from(this.#last) };
  }

  /** @internal */
  resume({ last, ...ofSpot }: State): string | undefined {
    const values = Array.from(last as Float64Array);
    const few = values.length < this.options.depth && ofSpot.seen !== 0;
    if (few || values.length > this.options.depth || !values.every(Number.isFinite)) {
      return `its last values are ${values.length}, with a depth of ${this.options.depth}`;
    }
    this.#last = values;
    return this.#spot.resume(ofSpot);
  }

  #mean(): number {
    return this.#last.reduce((a, b) => a + b, 0) / this.#last.length;
  }
}
