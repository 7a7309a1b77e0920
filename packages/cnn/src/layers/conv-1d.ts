import { type Key, Module, Param, type Shape } from '@dl/core';
import { checks, defineSpec, initializers } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { type Conv1dOptions, convolvedSequenceShape, convolveSequence, widened } from '../ops/conv-1d';
import { checkActivation } from '../ops/conv-2d';
import { checkConvolution } from '../ops/convolution-plan';
import { checkPaddingMode } from '../ops/pad-image';

/** Options of `Conv1d`. */
export interface Conv1dConfig extends Omit<Conv1dOptions, 'alpha'> {
  /** Channels of the input. */
  in: number;
  /** Channels of the output. */
  out: number;
  /** Steps that the kernel sees. */
  kernel: number;
  /** Whether a bias is added. @default true */
  bias?: boolean;
  /** First values of the weight. @default U(-b, b), b = 1 / sqrt(kernel in / groups) */
  weightInit?: initializers.Initializer;
  /** First values of the bias. @default as the weight */
  biasInit?: initializers.Initializer;
  /** Draws the weights. */
  key: Key;
}

/**
 * Convolution over time: `[batch, time, in]` to `[batch, outTime, out]`; with `padding: 'causal'` no output sees a later
 * input. PyTorch's `nn.Conv1d` with channels last: weight `[kernel, in / groups, out]`, bias `[out]`.
 */
export class Conv1d extends Module {
  readonly options: Readonly<Conv1dOptions>;
  readonly weight: Param;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes and options out of their range */
  constructor(config: Conv1dConfig) {
    super();
    const { in: inputs, out, kernel, bias = true, weightInit, biasInit, key, ...options } = config;
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'out', out);
    checks.checkSize(this, 'kernel', kernel);
    checkConvolution(this.where, widened(this.where, [kernel], options), inputs, out);
    checkPaddingMode(this.where, options.paddingMode ?? 'zeros');
    checkActivation(this.where, options.activation ?? 'linear');
    const inGroup = inputs / (options.groups ?? 1);
    const byDefault = initializers.torchDefault({ fans: { in: kernel * inGroup, out } });
    this.options = options;
    this.weight = new Param((weightInit ?? byDefault)([kernel, inGroup, out], key.child('weight')));
    this.bias = bias ? new Param((biasInit ?? byDefault)([out], key.child('bias'))) : undefined;
  }

  /** @throws ShapeError where the channels do not fit or the kernel is longer than the padded sequence */
  forward(x: Tensor): Tensor {
    return convolveSequence(this.where, x, this.weight.value, this.bias?.value, this.options);
  }

  outputShape(input: Shape): Shape {
    return convolvedSequenceShape(this.where, [1, ...input], this.weight.shape, this.options).slice(1);
  }
}

/** Spec of a `Conv1d`; `in` follows from the input. */
export const conv1dSpec = defineSpec('conv1d', (config: Omit<Conv1dConfig, 'in' | 'key'>, input, key) => {
  return new Conv1d({ ...config, in: input.at(-1)!, key });
});
