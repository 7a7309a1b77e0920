import { reshape as reshapeTensor, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import { checkRank, shownInput } from './checks';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/** Options of `Reshape`. */
export interface ReshapeConfig {
  /** The new shape of one example; one size may be -1, which takes what is left. */
  shape: Shape;
}

/** Gives every example another shape, in row-major order: `[batch, ...input]` to `[batch, ...shape]`. PyTorch's `nn.Unflatten`. */
export class Reshape extends Module {
  readonly shape: Shape;

  /** @throws ConfigError for sizes that are neither positive nor a single -1 */
  constructor({ shape }: ReshapeConfig) {
    super();
    const open = Array.isArray(shape) ? shape.filter((size) => size === -1).length : 2;
    if (open > 1 || !shape.every((size) => size === -1 || (Number.isSafeInteger(size) && size > 0))) {
      throw new ConfigError(
        this.where,
        `shape must be positive integers, one of which may be -1, it is ${JSON.stringify(shape)}`,
      );
    }
    this.shape = [...shape];
  }

  forward(x: Tensor): Tensor {
    checkRank(this, x.shape, 'batch', 1);
    return reshapeTensor(x, [x.shape[0], ...this.outputShape(x.shape.slice(1))]);
  }

  outputShape(input: Shape): Shape {
    const size = product(input);
    const known = product(this.shape.filter((n) => n !== -1));
    const fits = this.shape.includes(-1) ? size % known === 0 : size === known;
    if (!fits) {
      throw new ShapeError(
        this.where,
        `an example of ${size} elements cannot take the shape [${this.shape}]`,
        [shownInput(input, 'example'), { label: 'shape', shape: this.shape }],
        'the product of the sizes must stay the same',
      );
    }
    return this.shape.map((n) => (n === -1 ? size / known : n));
  }
}

/** Spec of a `Reshape`. */
export const reshape = defineSpec('reshape', (config: ReshapeConfig) => new Reshape(config));

function product(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}
