import { ConfigError, type Key, Module, Param, type Shape } from '@dl/core';
import { checks, defineSpec, initializers } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import {
  type ConvTranspose2dOptions,
  checkTransposed,
  planTransposed,
  transposeConvolve,
} from '../ops/conv-transpose-2d';

/** Options of `ConvTranspose2d`. */
export interface ConvTranspose2dConfig extends ConvTranspose2dOptions {
  /** Channels of the input. */
  in: number;
  /** Channels of the output. */
  out: number;
  /** Size of the kernel. */
  kernel: Pair;
  /** Whether a bias is added. @default true */
  bias?: boolean;
  /** First values of the weight. @default U(-b, b), b = 1 / sqrt(kernelHeight kernelWidth out / groups), PyTorch's rule */
  weightInit?: initializers.Initializer;
  /** First values of the bias. @default as the weight */
  biasInit?: initializers.Initializer;
  /** Draws the weights. */
  key: Key;
}

/**
 * Transposed convolution, which makes images larger: `[batch, height, width, in]` to `[batch, outHeight, outWidth, out]`
 * with `(size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1` pixels an axis. PyTorch's
 * `nn.ConvTranspose2d` with channels last: weight `[kernelHeight, kernelWidth, out / groups, in]`, bias `[out]`.
 */
export class ConvTranspose2d extends Module {
  readonly options: Readonly<ConvTranspose2dOptions>;
  readonly weight: Param;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes and options out of their range */
  constructor(config: ConvTranspose2dConfig) {
    super();
    const { in: inputs, out, kernel, bias = true, weightInit, biasInit, key, ...options } = config;
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'out', out);
    const { groups = 1 } = options;
    checks.checkSize(this, 'groups', groups);
    if (inputs % groups !== 0 || out % groups !== 0) {
      throw new ConfigError(
        this.where,
        `groups is ${groups}, which does not divide the ${inputs} input and ${out} output channels`,
        'groups must be a positive divisor of both',
      );
    }
    const size = pairOf(this.where, 'kernel', kernel, 1);
    checkTransposed(this.where, options);
    const outGroup = out / groups;
    const byDefault = initializers.torchDefault({ fans: { in: size[0] * size[1] * outGroup, out: inputs } });
    this.options = options;
    this.weight = new Param((weightInit ?? byDefault)([...size, outGroup, inputs], key.child('weight')));
    this.bias = bias ? new Param((biasInit ?? byDefault)([out], key.child('bias'))) : undefined;
  }

  /** @throws ShapeError where the channels do not fit or the padding leaves nothing */
  forward(x: Tensor): Tensor {
    return transposeConvolve(this.where, x, this.weight.value, this.bias?.value, this.options);
  }

  outputShape(input: Shape): Shape {
    const { geometry: g } = planTransposed(this.where, [1, ...input], this.weight.shape, this.options);
    return [g.inHeight, g.inWidth, g.inChannels];
  }
}

/** Spec of a `ConvTranspose2d`; `in` follows from the input. */
export const convTranspose2dSpec = defineSpec(
  'convTranspose2d',
  (config: Omit<ConvTranspose2dConfig, 'in' | 'key'>, input, key) =>
    new ConvTranspose2d({ ...config, in: input.at(-1)!, key }),
);
