/**
 * The learning rate of each step: any function of the step, counted from 0. Give it to an optimizer as `lr`.
 * A schedule that learns from results (`reduceOnPlateau`) has the other members too.
 *
 * @example
 * ```ts
 * const optimizer = sgd({ lr: (step) => 0.1 / (1 + 0.01 * step) });
 * ```
 */
export interface Schedule {
  (step: number): number;
  /** Takes a result into account, usually the validation loss of an epoch. */
  observe?(metric: number): void;
  /** What it remembers, for a checkpoint. */
  scalars?(): Record<string, number>;
  /** Goes on where another of the same options stood. */
  restore?(scalars: Readonly<Record<string, number>>): void;
}
