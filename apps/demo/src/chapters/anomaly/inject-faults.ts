import type { Key } from '@dl/core';

/** A fault that was put into a series. */
export interface Fault {
  kind: 'spike' | 'drift' | 'stuck sensor' | 'level shift' | 'missing season';
  start: number;
  /** The first time after it. */
  end: number;
}

/** A series with faults in it, and which times they take. */
export interface Faulty {
  values: Float64Array;
  /** 1 for each faulty time. */
  truth: Uint8Array;
  faults: Fault[];
}

/** Lengths in days. */
const LENGTHS = { spike: 2, drift: 30, 'stuck sensor': 14, 'level shift': 21, 'missing season': 45 } as const;

/**
 * One fault of each kind, each somewhere in a part of its own of the second half: the first half stays clean.
 *
 * @param size what a large deviation is: the spread of the values
 * @param season what the season alone says of each time; without its swing, only its mean is left
 */
export function injectFaults(clean: ArrayLike<number>, season: ArrayLike<number>, size: number, key: Key): Faulty {
  const values = Float64Array.from(clean);
  const truth = new Uint8Array(values.length);
  const kinds = Object.keys(LENGTHS) as Fault['kind'][];
  const half = Math.ceil(values.length / 2);
  const part = Math.floor((values.length - half) / kinds.length);
  const mean = Array.from(season).reduce((sum, value) => sum + value, 0) / season.length;
  const faults = kinds.map((kind, i): Fault => {
    const own = key.child(kind);
    const length = Math.min(LENGTHS[kind], part - 2);
    const start = half + i * part + own.integers(1, 1, part - length)[0]!;
    const sign = own.fold(1).uniform(1)[0]! < 0.5 ? -1 : 1;
    const held = values[start]!;
    for (let t = start; t < start + length; t++) {
      if (kind === 'spike') values[t]! += 4 * sign * size;
      else if (kind === 'drift') values[t]! += (3 * sign * size * (t - start + 1)) / length;
      else if (kind === 'stuck sensor') values[t] = held;
      else if (kind === 'level shift') values[t]! += 2 * sign * size;
      else values[t]! += mean - season[t]!;
      truth[t] = 1;
    }
    return { kind, start, end: start + length };
  });
  return { values, truth, faults };
}
