import { ConfigError, NumericsError, ShapeError } from '@dl/core';

/** The rows from the most abnormal score down, and how many anomalies there are. */
export interface Ranking {
  /** Places of the rows; equal scores stand side by side. */
  readonly order: Uint32Array;
  readonly anomalies: number;
}

/**
 * Orders rows by score, and refuses what cannot be ordered.
 *
 * @param scores bigger for more abnormal
 * @param truth 1 or true for an anomaly, 0 or false for a normal row
 * @throws ShapeError for lists of different lengths, NumericsError for NaN, ConfigError for other labels
 */
export function rank(where: string, scores: ArrayLike<number>, truth: ArrayLike<number | boolean>): Ranking {
  if (scores.length !== truth.length) throw new ShapeError(where, `${scores.length} scores for ${truth.length} labels`);
  let anomalies = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new NumericsError(`${where}: score ${i} is NaN`);
    const label = Number(truth[i]);
    if (label !== 0 && label !== 1) {
      throw new ConfigError(where, `label ${i} is ${label}`, 'labels are 1 for an anomaly and 0 for a normal row');
    }
    anomalies += label;
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) =>
    scores[a]! > scores[b]! ? -1 : scores[a]! < scores[b]! ? 1 : 0,
  );
  return { order, anomalies };
}
