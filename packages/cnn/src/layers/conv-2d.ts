import type { Key } from '@dl/core';
import { Module, Param, type Shape } from '@dl/core';
import { checks, defineSpec, initializers } from '@dl/core/nn';
import type { FusedActivation, Tensor } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import { type Conv2dOptions, checkActivation, convolvedShape, convolveImage } from '../ops/conv-2d';
import { checkConvolution } from '../ops/convolution-plan';
import { checkPaddingMode } from '../ops/pad-image';

/** Options of `Conv2d`. */
export interface Conv2dConfig extends Omit<Conv2dOptions, 'alpha'> {
  /** Channels of the input. */
  in: number;
  /** Channels of the output. */
  out: number;
  /** Size of the kernel. */
  kernel: Pair;
  /** Whether a bias is added. @default true */
  bias?: boolean;
  /** An activation computed together with the products. @default 'linear': none */
  activation?: FusedActivation;
  /** First values of the weight. @default U(-b, b), b = 1 / sqrt(kernelHeight kernelWidth in / groups) */
  weightInit?: initializers.Initializer;
  /** First values of the bias. @default as the weight */
  biasInit?: initializers.Initializer;
  /** Draws the weights. */
  key: Key;
}

/**
 * Two-dimensional convolution: `[batch, height, width, in]` to `[batch, outHeight, outWidth, out]`, sizes by `outputSize`.
 * PyTorch's `nn.Conv2d` with channels last: weight `[kernelHeight, kernelWidth, in / groups, out]`, bias `[out]`, the same
 * names and the same first values. PyTorch's own weight `[out, in / groups, kernelHeight, kernelWidth]` becomes this one
 * by `transpose(weight, [2, 3, 1, 0])`, which `loadTorch` does.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { Conv2d } from '@dl/cnn';
 *
 * await init();
 * const layer = new Conv2d({ in: 1, out: 8, kernel: 3, padding: 'same', key: key(0) });
 * layer.predict(ones([2, 28, 28, 1])).shape; // [2, 28, 28, 8]
 * ```
 */
export class Conv2d extends Module {
  readonly options: Readonly<Conv2dOptions>;
  readonly weight: Param;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes and options out of their range */
  constructor(config: Conv2dConfig) {
    super();
    const { options, weight, bias } = convolutionState(this.where, config);
    this.options = options;
    this.weight = weight;
    this.bias = bias;
  }

  /** @throws ShapeError where the channels do not fit or the kernel is larger than the padded image */
  forward(x: Tensor): Tensor {
    return convolveImage(this.where, x, this.weight.value, this.bias?.value, this.options);
  }

  outputShape(input: Shape): Shape {
    return convolvedShape(this.where, [1, ...input], this.weight.shape, this.options).slice(1);
  }
}

/** Refuses options that are wrong whatever the image, under the name of the layer. */
export function checkConfig(where: string, config: Conv2dConfig): void {
  const { in: inputs, out, kernel, paddingMode = 'zeros', activation = 'linear' } = config;
  checks.checkSize({ where }, 'in', inputs);
  checks.checkSize({ where }, 'out', out);
  pairOf(where, 'kernel', kernel, 1);
  checkConvolution(where, config, inputs, out);
  checkPaddingMode(where, paddingMode);
  checkActivation(where, activation);
}

/** The options of a convolution, and its parameters with their first values. */
export function convolutionState(where: string, config: Conv2dConfig): Pick<Conv2d, 'options' | 'weight' | 'bias'> {
  checkConfig(where, config);
  const { in: inputs, out, kernel, bias = true, weightInit, biasInit, key, ...options } = config;
  const size = pairOf(where, 'kernel', kernel, 1);
  const inGroup = inputs / (options.groups ?? 1);
  const byDefault = initializers.torchDefault({ fans: { in: size[0] * size[1] * inGroup, out } });
  return {
    options,
    weight: new Param((weightInit ?? byDefault)([...size, inGroup, out], key.child('weight'))),
    bias: bias ? new Param((biasInit ?? byDefault)([out], key.child('bias'))) : undefined,
  };
}

/** Spec of a `Conv2d`; `in` follows from the input. */
export const conv2dSpec = defineSpec('conv2d', (config: Omit<Conv2dConfig, 'in' | 'key'>, input, key) => {
  return new Conv2d({ ...config, in: input.at(-1)!, key });
});
