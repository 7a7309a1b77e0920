import type { Tensor } from '@tensorflow/tfjs-core';
import { ACTIVATION_CODES, type FusedActivation } from '../backend/activation-codes';
import { ConfigError } from '../errors';
import * as ops from '../ops';
import type { Key } from '../random';
import { checkFloat, checkLastAxis, checkSize } from './checks';
import { type Initializer, torchDefault } from './initializers';
import { Module, type Shape } from './module';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `Linear`. */
export interface LinearConfig {
  /** Features of the input. */
  in: number;
  /** Features of the output. */
  out: number;
  /** Whether a bias is added. @default true */
  bias?: boolean;
  /** An activation computed together with the product, which saves passes over the output. @default 'linear': none */
  activation?: FusedActivation;
  /** First values of the weight. @default torchDefault(): U(-b, b), b = 1 / sqrt(in) */
  weightInit?: Initializer;
  /** First values of the bias. @default U(-b, b), b = 1 / sqrt(in) */
  biasInit?: Initializer;
  /** Draws the weights. */
  key: Key;
}

/**
 * `y = activation(x W^T + b)`: `[batch, ..., in]` to `[batch, ..., out]`. PyTorch's `nn.Linear`: weight `[out, in]`, bias
 * `[out]`, the same names and the same first values.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Linear } from '@dl/core/nn';
 * import { ones } from '@dl/core/ops';
 *
 * await init();
 * const layer = new Linear({ in: 3, out: 2, key: key(0) });
 * layer.predict(ones([5, 3])).shape; // [5, 2]
 * ```
 */
export class Linear extends Module {
  readonly in: number;
  readonly out: number;
  readonly activation: FusedActivation;
  readonly weight: Param;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers, and for an unknown activation */
  constructor(config: LinearConfig) {
    super();
    const { in: inputs, out, bias = true, activation = 'linear', key } = config;
    checkSize(this, 'in', inputs);
    checkSize(this, 'out', out);
    if (!Object.hasOwn(ACTIVATION_CODES, activation)) {
      throw new ConfigError(
        this.where,
        `the activation '${activation}' cannot be computed with the product`,
        `it can be ${Object.keys(ACTIVATION_CODES).join(', ')}; add others as a layer of their own`,
      );
    }
    const byDefault = torchDefault({ fans: { in: inputs, out } });
    this.in = inputs;
    this.out = out;
    this.activation = activation;
    this.weight = new Param((config.weightInit ?? byDefault)([out, inputs], key.child('weight')));
    this.bias = bias ? new Param((config.biasInit ?? byDefault)([out], key.child('bias'))) : undefined;
  }

  /** @throws ShapeError unless the last axis of the input has `in` features */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    this.#check(x.shape, 'batch');
    return ops.linear(x, this.weight.value, this.bias?.value, { activation: this.activation });
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return [...input.slice(0, -1), this.out];
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    const weight = { label: 'weight', shape: this.weight.shape, axes: ['out', 'in'] };
    checkLastAxis(this, shape, kind, { size: this.in, axis: 'features', option: 'in', weight });
  }
}

/** Spec of a `Linear`; `in` follows from the input. */
export const linear = defineSpec(
  'linear',
  (config: Omit<LinearConfig, 'in' | 'key'>, input, key) => new Linear({ ...config, in: input.at(-1)!, key }),
);
