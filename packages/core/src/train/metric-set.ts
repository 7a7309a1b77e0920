import type { Tensor } from '@tensorflow/tfjs-core';
import type { Mode } from './history';

/** A number that is gathered over many batches of predictions. */
export interface Metric {
  /** Whether more of it is better or less. @default 'max' */
  readonly mode?: Mode | undefined;
  /** Forgets all that was seen. */
  reset(): void;
  /** Takes the predictions for a batch into account. What it makes is freed; its arguments stay the caller's. */
  update(prediction: Tensor, target: Tensor): void;
  /** The number for all that was seen since the reset; NaN for nothing. */
  result(): number;
}

/** Metrics by the names they are reported under. */
export type Metrics = Readonly<Record<string, Metric>>;

/** Several metrics over the same predictions. */
export class MetricSet {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    for (const metric of Object.values(metrics)) metric.reset();
  }

  get isEmpty(): boolean {
    return Object.keys(this.#metrics).length === 0;
  }

  readonly update = (prediction: Tensor, target: Tensor): void => {
    for (const metric of Object.values(this.#metrics)) metric.update(prediction, target);
  };

  results(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#metrics).map(([name, metric]) => [name, metric.result()]));
  }

  /** Whether a number is better high or low. */
  modeOf(name: string): Mode {
    return name === 'loss' ? 'min' : (this.#metrics[name]?.mode ?? 'max');
  }
}
