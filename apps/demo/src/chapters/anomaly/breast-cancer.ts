import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One task on the data: what is fitted, what is scored, and what scikit-learn reaches. */
export interface Task {
  readonly train: number[][];
  readonly test: number[][];
  /** 1 for each scored row that is malignant. */
  readonly malignant: number[];
  /** A figure of scikit-learn's: `figure('lof', 'roc_auc')`. */
  figure(...path: string[]): number;
}

interface File {
  X: number[][];
  y: number[];
  outlier_idx: number[];
  train_idx: number[];
  test_idx: number[];
  outlier: unknown;
  novelty: unknown;
}

/**
 * Breast cancer Wisconsin (diagnostic) of the UCI repository, 30 features of cell nuclei; with scikit-learn's figures. The
 * file that the tests of @dl/anomaly read.
 */
export function readBreastCancer(): { outlier: Task; novelty: Task } {
  const { X, y, outlier_idx, train_idx, test_idx, outlier, novelty } = JSON.parse(
    readFileSync(fixture(), 'utf8'),
  ) as File;
  const task = (train: number[], test: number[], figures: unknown): Task => ({
    train: train.map((i) => X[i]!),
    test: test.map((i) => X[i]!),
    malignant: test.map((i) => y[i]!),
    figure: (...path) => path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], figures) as number,
  });
  return { outlier: task(outlier_idx, outlier_idx, outlier), novelty: task(train_idx, test_idx, novelty) };
}

function fixture(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    const file = join(at, 'fixtures', 'sklearn', 'breast_cancer.json');
    if (existsSync(file)) return file;
  }
  throw new Error('fixtures/sklearn/breast_cancer.json is not in this repository');
}
