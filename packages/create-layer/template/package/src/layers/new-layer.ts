import { Module, Param, type Shape } from '@dl/core';
import { checks, defineSpec } from '@dl/core/nn';
import { fill, type Tensor } from '@dl/core/ops';
import * as ops from '../ops';

/** Options of `NewLayer`. */
export interface NewLayerConfig {
  /** Features of the input, on its last axis. */
  features: number;
  /** The scales at the start. @default sqrt(0.8): normal inputs give outputs of variance 1 */
  scale?: number;
  /** The biases at the start. @default -sqrt(0.2): normal inputs give outputs of mean 0 */
  bias?: number;
}

/**
 * `y = scale max(x, 0)^2 + bias`, with a learnt scale and bias for each feature: StarReLU of Yu et al. 2022, MetaFormer
 * Baselines for Vision. Input and output `[batch, ..., features]`, scale and bias `[features]`.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { NewLayer } from '@dl/new-layer';
 *
 * await init();
 * const layer = new NewLayer({ features: 2, scale: 3, bias: 0 });
 * layer.predict(ones([1, 2])).dataSync(); // [3, 3]
 * ```
 */
export class NewLayer extends Module {
  readonly features: number;
  readonly scale: Param;
  readonly bias: Param;

  /** @throws ConfigError unless features is a positive integer, and scale and bias are finite */
  constructor({ features, scale = Math.sqrt(0.8), bias = -Math.sqrt(0.2) }: NewLayerConfig) {
    super();
    checks.checkSize(this, 'features', features);
    checks.checkNumber(this, 'scale', scale);
    checks.checkNumber(this, 'bias', bias);
    this.features = features;
    this.scale = new Param(fill([features], scale, 'float32'));
    this.bias = new Param(fill([features], bias, 'float32'));
  }

  /** @throws ShapeError unless the last axis of the input has as many features as the layer */
  forward(x: Tensor): Tensor {
    checks.checkFloat(this, x);
    this.#check(x.shape, 'batch');
    return ops.newLayer(x, this.scale.value, this.bias.value);
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return input;
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    const scale = { label: 'scale', shape: [this.features], axes: ['features'] };
    checks.checkLastAxis(this, shape, kind, {
      size: this.features,
      axis: 'features',
      option: 'features',
      weight: scale,
    });
  }
}

/** Spec of a `NewLayer`; `features` follows from the input. */
export const newLayer = defineSpec(
  'newLayer',
  (config: Omit<NewLayerConfig, 'features'> | undefined = {}, input) =>
    new NewLayer({ ...config, features: input.at(-1)! }),
);
