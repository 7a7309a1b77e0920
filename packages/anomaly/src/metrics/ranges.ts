import { ConfigError, NumericsError, ShapeError } from '@dl/core';

/** Times that belong together: from `start` to before `end`. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges of consecutive times that are marked.
 *
 * @throws ConfigError for a mark that is neither 0 nor 1
 */
export function rangesOf(where: string, marks: ArrayLike<number | boolean>): TimeRange[] {
  const ranges: TimeRange[] = [];
  let start = -1;
  for (let t = 0; t <= marks.length; t++) {
    const mark = t < marks.length ? Number(marks[t]) : 0;
    if (mark !== 0 && mark !== 1) {
      throw new ConfigError(
        where,
        `time ${t} is marked ${mark}`,
        '1 or true for an anomaly, 0 or false for a normal time',
      );
    }
    if (mark === 1 && start < 0) start = t;
    if (mark === 0 && start >= 0) {
      ranges.push({ start, end: t });
      start = -1;
    }
  }
  return ranges;
}

/** Refuses scores that are not one a time, or not finite. */
export function requireScores(where: string, scores: ArrayLike<number>, truth: ArrayLike<unknown>): void {
  requireAsMany(where, scores, truth);
  for (let t = 0; t < scores.length; t++) {
    if (!Number.isFinite(scores[t])) throw new NumericsError(`${where}: the score of time ${t} is ${scores[t]}`);
  }
}

/** Refuses two series of different length. */
export function requireAsMany(where: string, given: ArrayLike<unknown>, truth: ArrayLike<unknown>): void {
  if (given.length === truth.length) return;
  throw new ShapeError(where, `${given.length} times are given, and the truth of ${truth.length}`);
}
