import { cast, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import { expectFloat, sameShape } from '../ops/checks';

/** Classes by number, checked. */
export interface ClassTargets {
  /** The classes, int32. */
  target: Tensor;
  /** What a mean divides by: the sum of the weights of the targets that count, or their number. */
  weight: number;
}

/**
 * Reads classes given by number beside scores [..., classes].
 *
 * @throws ShapeError unless the target has the shape of the prediction without its last axis
 * @throws ConfigError where a target is no whole number from 0 to classes - 1, nor `ignoreIndex`
 */
export function classTargets(
  where: string,
  prediction: Tensor,
  target: Tensor,
  ignoreIndex?: number,
  classWeights?: Tensor,
): ClassTargets {
  expectFloat(where, 'prediction', prediction);
  if (prediction.rank === 0 || !sameShape(target.shape, prediction.shape.slice(0, -1))) {
    throw new ShapeError(
      where,
      `the prediction has shape [${prediction.shape}], so the target must have [${prediction.shape.slice(0, -1)}]`,
      [
        { label: 'prediction', shape: prediction.shape },
        { label: 'target', shape: target.shape },
      ],
      'classes are on the last axis of the prediction; the target holds one number for each example',
    );
  }
  const classes = prediction.shape.at(-1)!;
  const weights = classWeights === undefined ? undefined : readClassWeights(where, classWeights, classes);
  const values = target.dataSync();
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === ignoreIndex) continue;
    if (!(Number.isInteger(value) && value >= 0 && value < classes)) {
      throw new ConfigError(
        where,
        `target ${i} is ${value}, it must be a whole number from 0 to ${classes - 1}`,
        ignoreIndex === undefined ? undefined : `examples that do not count have ignoreIndex, ${ignoreIndex}`,
      );
    }
    weight += weights === undefined ? 1 : weights[value]!;
  }
  return { target: target.dtype === 'int32' ? target : cast(target, 'int32'), weight };
}

/** Checks weights of classes, [classes], and reads them. */
export function readClassWeights(where: string, weights: Tensor, classes: number): ArrayLike<number> {
  expectFloat(where, 'classWeights', weights);
  if (weights.rank !== 1 || weights.size !== classes) {
    throw new ShapeError(where, `${classes} classes need ${classes} weights`, [
      { label: 'classWeights', shape: weights.shape, axes: ['classes'] },
    ]);
  }
  return weights.dataSync();
}
