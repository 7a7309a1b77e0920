import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../../errors';

/** How predictions become classes. */
export interface LabelOptions {
  /**
   * Of predictions with one number an example: above it, the class is 1. 0 is right for logits, 0.5 for probabilities.
   * @default 0
   */
  threshold?: number;
  /** Targets of this class do not count: padding. */
  ignoreIndex?: number;
}

/** Predicted and true classes, as many of one as of the other. */
export interface ClassLabels {
  predicted: Int32Array;
  actual: Int32Array;
}

/**
 * The classes that predictions and targets stand for:
 *
 * | prediction | target | |
 * |---|---|---|
 * | float `[..., classes]` | `[...]` | the largest of each row, the first of equal ones |
 * | float `[..., classes]` | float `[..., classes]` | the largest of each row of both (one-hot targets) |
 * | float `[...]` or `[..., 1]` | `[...]` or `[..., 1]` | 1 above the threshold, else 0; targets above 0.5 are 1 |
 * | int32 or bool `[...]` | `[...]` | as they are |
 *
 * @param where the metric, for the error
 * @throws ShapeError where the shapes fit none of these
 */
export function classLabels(
  where: string,
  prediction: Tensor,
  target: Tensor,
  { threshold = 0, ignoreIndex }: LabelOptions = {},
): ClassLabels {
  const labels = everyLabel(where, prediction, target, threshold);
  if (ignoreIndex === undefined) return labels;
  const counts = (_: number, i: number) => labels.actual[i] !== ignoreIndex;
  return { predicted: labels.predicted.filter(counts), actual: labels.actual.filter(counts) };
}

function everyLabel(where: string, prediction: Tensor, target: Tensor, threshold: number): ClassLabels {
  const last = prediction.shape.at(-1) ?? 1;
  const isFloat = prediction.dtype === 'float32';
  if (isFloat && last > 1 && isWithoutLastAxis(target, prediction)) {
    return { predicted: argmax(prediction), actual: Int32Array.from(target.dataSync()) };
  }
  if (isFloat && last > 1 && prediction.rank > 1 && isSameShape(prediction, target) && target.dtype === 'float32') {
    return { predicted: argmax(prediction), actual: argmax(target) };
  }
  if (
    isSameShape(prediction, target) ||
    (last === 1 && isWithoutLastAxis(target, prediction)) ||
    isWithoutLastAxis(prediction, target, 1)
  ) {
    return isFloat
      ? {
          predicted: above(prediction, threshold),
          actual: target.dtype === 'float32' ? above(target, 0.5) : Int32Array.from(target.dataSync()),
        }
      : { predicted: Int32Array.from(prediction.dataSync()), actual: Int32Array.from(target.dataSync()) };
  }
  throw new ShapeError(
    where,
    'predictions and targets do not belong together',
    [
      { label: 'prediction', shape: prediction.shape },
      { label: 'target', shape: target.shape },
    ],
    'targets are class numbers [...] or one-hot [..., classes] for predictions [..., classes]',
  );
}

/** The place of the largest number of each row of the last axis. */
export function argmax(tensor: Tensor): Int32Array {
  const classes = tensor.shape.at(-1)!;
  const values = tensor.dataSync();
  return Int32Array.from({ length: values.length / classes }, (_, row) => {
    let best = row * classes;
    for (let i = best + 1; i < (row + 1) * classes; i++) if (values[i]! > values[best]!) best = i;
    return best - row * classes;
  });
}

function above(tensor: Tensor, threshold: number): Int32Array {
  return Int32Array.from(tensor.dataSync(), (value) => (value > threshold ? 1 : 0));
}

/** Whether two tensors have the same sizes. */
export function isSameShape(a: Tensor, b: Tensor): boolean {
  return a.rank === b.rank && a.shape.every((size, axis) => size === b.shape[axis]);
}

/** Whether `a` has the shape of `b` without its last axis (which has `size`, if given). */
export function isWithoutLastAxis(a: Tensor, b: Tensor, size?: number): boolean {
  return (
    a.rank === b.rank - 1 &&
    a.shape.every((n, axis) => n === b.shape[axis]) &&
    (size === undefined || b.shape.at(-1) === size)
  );
}
