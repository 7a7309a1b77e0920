import { add, greater, lessEqual, logicalOr, mul, sub, type Tensor, where } from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../backend/activation-codes';
import { elu } from './elu';
import { leakyRelu } from './leaky-relu';
import { relu } from './relu';
import { relu6 } from './relu6';
import { sigmoid } from './sigmoid';
import { tanh } from './tanh';

/** An activation that a product may end with. */
export interface Activation {
  of: (z: Tensor, alpha: number) => Tensor;
  /** dz = dy act'(z), where act'(z) follows from y = act(z). */
  gradient: (y: Tensor, dy: Tensor, alpha: number) => Tensor;
}

/** The composed forms of the activations that a product may end with. */
export const fusedActivations: Record<FusedActivation, Activation> = {
  linear: { of: (z) => z, gradient: (_, dy) => dy },
  relu: { of: relu, gradient: (y, dy) => where(lessEqual(y, 0), 0, dy) },
  relu6: { of: relu6, gradient: (y, dy) => where(logicalOr(lessEqual(y, 0), lessEqual(6, y)), 0, dy) },
  leakyrelu: { of: leakyRelu, gradient: (y, dy, alpha) => where(greater(y, 0), dy, mul(dy, alpha)) },
  sigmoid: { of: sigmoid, gradient: (y, dy) => mul(dy, mul(y, sub(1, y))) },
  tanh: { of: tanh, gradient: (y, dy) => mul(dy, sub(1, mul(y, y))) },
  elu: { of: elu, gradient: (y, dy, alpha) => where(greater(y, 0), dy, mul(dy, add(y, alpha))) },
};
