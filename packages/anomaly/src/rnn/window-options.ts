import { ShapeError } from '@dl/core';
import type { Matrix } from '../data/matrix';
import { type TrainingOptions, trainingRanges } from '../deep/training-options';
import { type Ranges, whole } from '../detector/ranges';
import { requireWindow } from '../series/windows';

/** Options of the detectors that read a series window by window. */
export interface RecurrentOptions extends TrainingOptions {
  /** Times that the network sees at once, from 2 to half the training series; about a period is a good choice. @default 50 */
  window?: number;
  /** Size of the LSTM's state; a whole number from 1. @default 32 */
  hidden?: number;
  /** Layers of LSTM on top of each other; a whole number from 1. @default 1 */
  layers?: number;
  /** Passes over all windows; a whole number from 1. @default 10 */
  epochs?: number;
  /** Step size of Adam, above 0. @default 0.005 */
  learningRate?: number;
}

/** Ranges of `RecurrentOptions`. */
export const recurrentRanges: Ranges<RecurrentOptions> = {
  ...trainingRanges,
  window: whole(50, 2),
  hidden: whole(32),
  layers: whole(1),
  epochs: whole(10),
  learningRate: { ...trainingRanges.learningRate, fallback: 5e-3 },
};

/** Refuses a training series in which no two windows stand side by side. */
export function requireWindows(name: string, { rows }: Matrix, window: number): void {
  requireWindow(name, 'window', window, rows);
}

/** Refuses a series of which nothing can be said. */
export function requireLength(name: string, { rows, columns }: Matrix, least: number): void {
  if (rows >= least) return;
  throw new ShapeError(name, `the series has ${rows} times, and at least ${least} are needed`, [
    { label: 'X', shape: [rows, columns], axes: ['times', 'features'] },
  ]);
}

/** How many weights an LSTM has, by name. */
export function lstmSizes(prefix: string, features: number, hidden: number, layers: number): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (let layer = 0; layer < layers; layer++) {
    sizes[`${prefix}.weight_ih_l${layer}`] = 4 * hidden * (layer === 0 ? features : hidden);
    sizes[`${prefix}.weight_hh_l${layer}`] = 4 * hidden * hidden;
    sizes[`${prefix}.bias_ih_l${layer}`] = 4 * hidden;
    sizes[`${prefix}.bias_hh_l${layer}`] = 4 * hidden;
  }
  return sizes;
}
