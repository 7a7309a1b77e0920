import { BackendError, type Module } from '@dl/core';
import { scalar, type Tensor, tensor2d, tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { type TrainingLoss, trainStep } from '@dl/core/train';
import type { Matrix } from '../data/matrix';
import type { Complete } from '../detector/ranges';
import type { TrainingOptions } from './training-options';

/** Rows that may overlap, as the windows of a series do. */
export interface Windows extends Matrix {
  /** From the beginning of a row to that of the next. @default columns */
  readonly step?: number;
}

/** Rows of one step, `[rows, features]` in float32. */
export interface RowBatch {
  x: Tensor;
}

/**
 * Refuses to go on where there is nothing to compute on.
 *
 * @throws BackendError before `await init()`
 */
export function requireBackend(detector: string, purpose: 'trained' | 'scored' = 'trained'): void {
  try {
    tidy(() => scalar(0).dataSync());
  } catch (error) {
    throw new BackendError(
      `${detector}: no backend is ready, and ` +
        (purpose === 'trained' ? 'a network is trained on one. ' : 'this network computes its scores on one. ') +
        "Before: import { init } from '@dl/core'; await init()",
      { cause: error },
    );
  }
}

/**
 * Trains a network on rows with Adam, in an order drawn anew for each epoch. Holds the thread until it is done, and
 * leaves no tensor but the model's own.
 *
 * @throws NumericsError for a loss that is not finite
 */
export function trainNetwork<Out>(
  model: Module<Tensor, Out>,
  loss: TrainingLoss<Tensor, Out, RowBatch>,
  { data, rows, columns, step: apart = columns }: Windows,
  { epochs, batchSize, learningRate, weightDecay, key }: Complete<TrainingOptions>,
): void {
  using optimizer = adam({ lr: learningRate, weightDecay });
  const step = trainStep<Tensor, Out, RowBatch>(model, loss, optimizer, { target: ({ x }) => x });
  const [orders, noise] = [key.child('order'), key.child('noise')];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = orders.fold(epoch).permutation(rows);
    for (let from = 0; from < rows; from += batchSize) {
      const picked = order.subarray(from, from + batchSize);
      const values = new Float32Array(picked.length * columns);
      // one by one: a view of each row would cost more than its numbers
      for (let i = 0, at = 0; i < picked.length; i++) {
        for (let read = picked[i]! * apart, end = read + columns; read < end; read++) values[at++] = data[read]!;
      }
      const x = tensor2d(values, [picked.length, columns]);
      try {
        step({ x }, { key: noise });
      } finally {
        x.dispose();
      }
    }
  }
}
