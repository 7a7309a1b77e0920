import { readOracle } from '@dl/testing';
import { expect } from 'vitest';

/** A task of a data set: its rows, z-scored by its training rows, and the blocks of golden values. */
export interface Task {
  /** Rows that are fitted. */
  readonly train: number[][];
  /** Rows that are scored: the same ones in the outlier task. */
  readonly test: number[][];
  /** 1 for each scored row that is an anomaly. */
  readonly anomalies: number[];
  /** The golden values of a detector; undefined where this data set has none. */
  block<B>(name: string): B | undefined;
  /** Of the task itself: `contamination`. */
  readonly fields: Record<string, number>;
}

/** A data set of the oracle. */
export interface DataSet {
  readonly name: string;
  readonly outlier: Task;
  readonly novelty: Task;
}

interface File {
  X: number[][];
  y: number[];
  outlier_idx: number[];
  train_idx: number[];
  test_idx: number[];
  outlier: Record<string, unknown>;
  novelty: Record<string, unknown>;
}

function read<T>(name: string): T {
  return readOracle('sklearn', name) as unknown as T;
}

/** All data sets: the keys of `summary.json`. */
export function dataSets(): DataSet[] {
  return Object.keys(read<object>('summary')).map((name) => {
    const file = read<File>(name);
    const task = (blocks: File['outlier'], train: number[], test: number[]): Task => ({
      train: scaled(file.X, train, train),
      test: scaled(file.X, test, train),
      anomalies: test.map((i) => file.y[i]!),
      block: <B>(of: string) => blocks[of] as B | undefined,
      fields: blocks as unknown as Record<string, number>,
    });
    return {
      name,
      outlier: task(file.outlier, file.outlier_idx, file.outlier_idx),
      novelty: task(file.novelty, file.train_idx, file.test_idx),
    };
  });
}

/** A case of `units.json`. */
export function unit<U>(name: string): U {
  const units = read<Record<string, U>>('units');
  return units[name]!;
}

/**
 * Rows z-scored by the training rows, to the last bit as numpy does it: the mean and deviation in the file have twelve
 * digits, by which a value on the edge of a bin would change sides.
 */
function scaled(x: number[][], indices: number[], train: number[]): number[][] {
  const average = (of: (row: number[], f: number) => number) =>
    x[0]!.map((_, f) => train.reduce((sum, i) => sum + of(x[i]!, f), 0) / train.length);
  const mean = average((row, f) => row[f]!);
  const variance = average((row, f) => (row[f]! - mean[f]!) * (row[f]! - mean[f]!));
  return indices.map((i) => x[i]!.map((value, f) => (value - mean[f]!) / (Math.sqrt(variance[f]!) || 1)));
}

/** Expects numbers equal within a bound relative to each golden value (at least `floor`). */
export function expectNear(
  actual: ArrayLike<number>,
  golden: ArrayLike<number>,
  relative: number,
  floor = 1e-300,
): void {
  expect(actual.length).toBe(golden.length);
  let [worst, place] = [0, -1];
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i]! - golden[i]!) / Math.max(Math.abs(golden[i]!), floor);
    if (!(error <= worst)) [worst, place] = [error, i];
  }
  if (!(worst <= relative)) {
    expect.fail(
      `value ${place} is ${actual[place]}, expected ${golden[place]}: off by ${worst} relative, allowed ${relative}`,
    );
  }
}
