import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../../errors';
import { classLabels, type LabelOptions } from './class-labels';

/** Options of a `ConfusionMatrix`. */
export interface ConfusionOptions extends LabelOptions {
  /**
   * The number of classes, or their names.
   * @default as many as occur
   */
  classes?: number | readonly string[];
}

/** What a class scored. */
export interface ClassCounts {
  /** Examples of the class that were recognised. */
  truePositives: number;
  /** Examples that were taken for the class. */
  predicted: number;
  /** Examples of the class; scikit-learn's support. */
  actual: number;
}

/**
 * Counts how often each class (row) was taken for each (column). scikit-learn's `confusion_matrix`. It gathers over
 * batches, but is no single number: update it in a loop of your own, or use `confusionMatrix` for one prediction.
 *
 * @example
 * ```ts
 * const matrix = new ConfusionMatrix({ classes: ['cat', 'dog'] });
 * for await (const { x, y } of test.batch(256)) {
 *   using logits = model.predict(x);
 *   matrix.update(logits, y);
 *   disposeBatch([x, y]);
 * }
 * console.log(matrix.toString());
 * // actual \ predicted  cat  dog
 * // cat                  48    2
 * // dog                   5   45
 * ```
 */
export class ConfusionMatrix {
  readonly #options: ConfusionOptions;
  readonly #fixed: number | undefined;
  #counts: number[][] = [];

  constructor(options: ConfusionOptions = {}) {
    const { classes } = options;
    this.#options = options;
    this.#fixed = typeof classes === 'object' ? classes.length : classes;
    if (this.#fixed !== undefined && !(Number.isInteger(this.#fixed) && this.#fixed > 0)) {
      throw new ConfigError('ConfusionMatrix', `classes is ${this.#fixed}`, 'give a whole number from 1, or names');
    }
    this.reset();
  }

  /** Forgets all that was counted. */
  reset(): void {
    this.#counts = [];
    if (this.#fixed !== undefined) this.#growTo(this.#fixed);
  }

  /**
   * Counts a batch. The tensors stay yours.
   *
   * @throws ConfigError for a class that does not exist
   */
  update(prediction: Tensor, target: Tensor): void {
    const { predicted, actual } = classLabels('ConfusionMatrix', prediction, target, this.#options);
    let [lowest, highest] = [0, -1];
    for (const labels of [predicted, actual]) {
      for (const label of labels) {
        lowest = Math.min(lowest, label);
        highest = Math.max(highest, label);
      }
    }
    if (lowest < 0 || (this.#fixed !== undefined && highest >= this.#fixed)) {
      throw new ConfigError(
        'ConfusionMatrix',
        `there is a class ${lowest < 0 ? lowest : highest}, beyond ${this.#fixed === undefined ? '0 and up' : `0 to ${this.#fixed - 1}`}`,
        lowest < 0 ? 'ignoreIndex leaves a class out' : 'raise classes',
      );
    }
    this.#growTo(highest + 1);
    for (let i = 0; i < actual.length; i++) this.#counts[actual[i]!]![predicted[i]!]!++;
  }

  /** The counts: `counts[actual][predicted]`. */
  get counts(): readonly (readonly number[])[] {
    return this.#counts;
  }

  /** Number of examples counted. */
  get total(): number {
    return this.#counts.flat().reduce((a, b) => a + b, 0);
  }

  /** The counts by class. */
  get perClass(): ClassCounts[] {
    return this.#counts.map((row, c) => ({
      truePositives: row[c]!,
      predicted: this.#counts.reduce((sum, other) => sum + other[c]!, 0),
      actual: row.reduce((a, b) => a + b, 0),
    }));
  }

  /** A table: a row for each true class, a column for each predicted one. */
  toString(): string {
    const { classes } = this.#options;
    const names = this.#counts.map((_, c) => (typeof classes === 'object' ? classes[c]! : `${c}`));
    const rows = [
      ['actual \\ predicted', ...names],
      ...this.#counts.map((counts, c) => [names[c]!, ...counts.map(String)]),
    ];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    return rows
      .map(([name, ...cells]) =>
        [name!.padEnd(widths[0]!), ...cells.map((cell, i) => cell.padStart(widths[i + 1]!))].join('  '),
      )
      .join('\n');
  }

  #growTo(size: number): void {
    if (this.#counts.length >= size) return;
    for (const row of this.#counts) row.push(...new Array<number>(size - row.length).fill(0));
    while (this.#counts.length < size) this.#counts.push(new Array<number>(size).fill(0));
  }
}

/** The confusion matrix of one prediction; see `ConfusionMatrix`. */
export function confusionMatrix(prediction: Tensor, target: Tensor, options?: ConfusionOptions): ConfusionMatrix {
  const matrix = new ConfusionMatrix(options);
  matrix.update(prediction, target);
  return matrix;
}
