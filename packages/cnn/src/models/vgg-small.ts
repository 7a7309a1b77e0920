import { ConfigError, type Context, EVAL, type Key, Module, type Shape } from '@dl/core';
import {
  batchNorm,
  checks,
  defineSpec,
  dropout,
  Flatten,
  initializers,
  linear,
  relu,
  type Sequential,
  sequential,
} from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { conv2dSpec } from '../layers/conv-2d';
import { maxPool2dSpec } from '../layers/pooling';
import { checkImage } from './check-image';

/** Options of `VGGSmall`. */
export interface VGGSmallConfig {
  /** The shape of one image: [height, width, channels]. */
  input: Shape;
  /** Numbers that come out. @default 10 */
  classes?: number;
  /** Channels of the convolutions of each block; a max pooling ends a block. @default [[32, 32], [64, 64], [128, 128]] */
  blocks?: readonly (readonly number[])[];
  /** Whether batch norm follows every convolution. @default true */
  batchNorm?: boolean;
  /** Features between the two dense layers. @default 128 */
  hidden?: number;
  /** Share of the hidden features that training leaves out. @default 0.5 */
  dropout?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * Blocks of 3 x 3 convolutions with ReLU, each ended by a max pooling, then two dense layers: images to logits `[batch,
 * classes]`. After Simonyan and Zisserman 2015, in a size for images as those of CIFAR. The names of the parameters are
 * those of torchvision's VGG: `features.0.weight`, `classifier.0.weight`.
 */
export class VGGSmall extends Module {
  readonly input: Shape;
  readonly features: Sequential;
  readonly flatten: Flatten;
  readonly classifier: Sequential;

  /** @throws ConfigError, ShapeError for sizes out of their range, or images that are too small */
  constructor(config: VGGSmallConfig) {
    super();
    const {
      input,
      classes = 10,
      blocks = [
        [32, 32],
        [64, 64],
        [128, 128],
      ],
      hidden = 128,
      dropout: rate = 0.5,
      key,
    } = config;
    if (blocks.length === 0 || blocks.some((block) => block.length === 0)) {
      throw new ConfigError(this.where, `blocks is ${JSON.stringify(blocks)}`, 'each needs a convolution: [[32, 32]]');
    }
    checks.checkSize(this, 'hidden', hidden);
    checks.checkSize(this, 'classes', classes);
    checks.checkNumber(this, 'dropout', rate, { min: 0, below: 1 });
    checkImage(this.where, input, 2 ** blocks.length);
    const normalised = config.batchNorm ?? true;
    const layers = blocks.flatMap((block) => [
      ...block.flatMap((out) => [
        conv2dSpec({ out, kernel: 3, padding: 1, weightInit: initializers.heNormal({ mode: 'out' }) }),
        ...(normalised ? [batchNorm()] : []),
        relu(),
      ]),
      maxPool2dSpec({ kernel: 2 }),
    ]);
    this.input = [...input];
    this.features = sequential({ input, key: key.child('features') }, layers);
    this.flatten = new Flatten();
    const flat = this.flatten.outputShape(this.features.outputShape(input));
    this.classifier = sequential({ input: flat, key: key.child('classifier') }, [
      linear({ out: hidden }),
      relu(),
      dropout({ rate }),
      linear({ out: classes }),
    ]);
    this.modules(); // tells the layers where they are
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    return this.classifier.forward(this.flatten.forward(this.features.forward(x, ctx)), ctx);
  }

  outputShape(input: Shape): Shape {
    return this.classifier.outputShape(this.flatten.outputShape(this.features.outputShape(input)));
  }
}

/** Spec of a `VGGSmall`; the shape of the image follows from the input. */
export const vggSmall = defineSpec(
  'vggSmall',
  (config: Omit<VGGSmallConfig, 'input' | 'key'> | undefined, input, key) => new VGGSmall({ ...config, input, key }),
);
