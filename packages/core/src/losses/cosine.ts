import { add, cast, div, equal, mul, relu, sqrt, square, sub, sum, type Tensor, where } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { sameShape } from '../ops/checks';
import { expectSigns } from './hinge';
import { defineLoss, type LossOptions, reduce } from './loss';
import { floatPair } from './pair-loss';

/** Options of `cosine`. */
export interface CosineOptions extends LossOptions {
  /** 1 for pairs that should be alike, -1 for pairs that should not, [...]. @default ones */
  labels?: Tensor | undefined;
  /** The cosine up to which unlike pairs cost nothing, -1 to 1. @default 0 */
  margin?: number | undefined;
}

/** Keeps the cosine of a vector of zeros at 0; PyTorch's. */
const EPSILON = 1e-12;

/**
 * One minus the cosine of the angle between two vectors; for pairs labelled -1, `max(0, cosine - margin)`. PyTorch's
 * `cosine_embedding_loss`.
 *
 * @param prediction vectors [..., features], float32
 * @param target vectors of the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes fit
 * @throws ConfigError where a label is neither -1 nor 1
 */
export const cosine = defineLoss<CosineOptions>(
  'cosine',
  (prediction, target, { reduction = 'mean', labels, margin = 0 }) => {
    const t = floatPair('cosine', prediction, target);
    if (prediction.rank === 0) throw new ShapeError('cosine', 'scalars have no direction');
    const lengths = mul(add(sum(square(prediction), -1), EPSILON), add(sum(square(t), -1), EPSILON));
    const cosines = div(sum(mul(prediction, t), -1), sqrt(lengths)); // [...]
    const alike = sub(1, cosines);
    if (labels === undefined) return reduce('cosine', alike, reduction);
    if (!sameShape(labels.shape, cosines.shape)) {
      throw new ShapeError('cosine', 'there must be one label for each pair of vectors', [
        { label: 'prediction', shape: prediction.shape },
        { label: 'labels', shape: labels.shape },
      ]);
    }
    expectSigns('cosine', 'label', labels.dataSync());
    const losses = where(equal(cast(labels, 'float32'), 1), alike, relu(sub(cosines, margin)));
    return reduce('cosine', losses, reduction);
  },
);
