import { median } from '../data/quantile';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { either, oneOf, whole } from '../detector/ranges';
import { requireOneFeature } from './one-feature';
import { periodOf } from './period';
import { requireTimes, requireWindow } from './windows';

/** Options of `SeasonalResidual`. */
export interface SeasonalResidualOptions extends ShareOptions {
  /**
   * The period, from 1 (no season) to half the training series; `auto`: by `findPeriod`, or no season where there is none.
   * @default 'auto'
   */
  period?: 'auto' | number;
}

/** What a fitted `SeasonalResidual` keeps. */
export type SeasonalResidualState = {
  /** The median at each time of the season. */
  season: Float64Array;
  /** Median of what is left. */
  center: number;
  /** 1.4826 times its median absolute deviation: the standard deviation of normal numbers. */
  scale: number;
};

/**
 * What the season leaves: the value less the median of all training values at its place in the period, in robust deviations:
 * score = -|r - median(r)| / (1.4826 MAD(r)). Where in the season a new series begins is found by what fits it best: the
 * least sum of |r - median(r)|.
 */
export const seasonalResidual: Definition<SeasonalResidualOptions, SeasonalResidualState> = {
  name: 'SeasonalResidual',
  ranges: { ...shareRanges, period: either<'auto', number>(oneOf('auto', ['auto']), whole(1)) },
  fit(rows, options) {
    requireOneFeature(rows, 'SeasonalResidual');
    requireTimes(rows.rows, 4, 'SeasonalResidual', 'a fit');
    const period = options.period === 'auto' ? (periodOf(rows, rows.rows >> 1) ?? 1) : options.period;
    requireWindow('SeasonalResidual', 'period', period, rows.rows);
    const season = Float64Array.from({ length: period }, (_, phase) =>
      medianOfPresent(rows.data.filter((_, t) => t % period === phase)),
    );
    const left = residuals(rows.data, season, 0);
    const center = medianOfPresent(left);
    const scale = 1.4826 * medianOfPresent(left.map((r) => Math.abs(r - center))) + 1e-9;
    const state = { season, center, scale };
    return { state, scores: scoresOf(left, state) };
  },
  score(state, rows) {
    const { season, center } = state;
    let best: Float64Array | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let phase = 0; phase < season.length; phase++) {
      const left = residuals(rows.data, season, phase);
      const size = left.reduce((sum, r) => (Number.isNaN(r) ? sum : sum + Math.abs(r - center)), 0);
      if (best === undefined || size < least) [best, least] = [left, size];
    }
    return scoresOf(best!, state);
  },
  holes: 'scored',
  layout: { season: 'float64', center: 'number', scale: 'number' },
  faultOf: ({ season, scale }, columns) =>
    columns === 1 && season.length > 0 && scale > 0
      ? undefined
      : `a season of ${season.length} times and scale ${scale} for ${columns} features`,
};

/** NaN where there are none. */
function medianOfPresent(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value));
  return present.length === 0 ? Number.NaN : median(present);
}

function residuals(values: Float64Array, season: Float64Array, phase: number): Float64Array {
  return values.map((value, t) => value - season[(t + phase) % season.length]!);
}

function scoresOf(left: Float64Array, { center, scale }: SeasonalResidualState): Float64Array {
  return left.map((r) => -Math.abs(r - center) / scale);
}
