import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import * as ops from '../ops';
import { checkAxis, checkFloat, shownInput } from './checks';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/** Options of `GLU`. */
export interface GLUConfig {
  /** The axis that is halved, counted from the end; the batch axis is none. @default -1 */
  axis?: number;
}

/**
 * `y = a sigmoid(b)`, where `a` and `b` are the halves of an axis: `[batch, ..., 2 features]` to `[batch, ..., features]`.
 * PyTorch's `nn.GLU`.
 */
export class GLU extends Module {
  readonly axis: number;

  constructor({ axis = -1 }: GLUConfig = {}) {
    super();
    this.axis = axis;
  }

  /** @throws ShapeError where the axis is odd or missing */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    return ops.glu(x, this.#halved(x.shape, 'batch'));
  }

  outputShape(input: Shape): Shape {
    const axis = this.#halved(input, 'example');
    return input.map((size, i) => (i === axis ? size / 2 : size));
  }

  #halved(shape: Shape, kind: 'batch' | 'example'): number {
    const axis = checkAxis(this, shape, kind, this.axis);
    if (shape[axis]! % 2 !== 0) {
      throw new ShapeError(
        this.where,
        `axis ${this.axis} has ${shape[axis]} elements, which cannot be halved`,
        [shownInput(shape, kind)],
        'let the layer before it give an even number: twice the features wanted',
      );
    }
    return axis;
  }
}

/** Spec of a `GLU`. */
export const glu = defineSpec('glu', (config?: GLUConfig) => new GLU(config));
