import { type Context, EVAL, type Key, Module, type Shape } from '@dl/core';
import { checks, defineSpec, Flatten, Linear } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { Conv2d } from '../layers/conv-2d';
import { MaxPool2d } from '../layers/pooling';
import { checkImage } from './check-image';

/** Options of `LeNet`. */
export interface LeNetConfig {
  /** The shape of one image: [height, width, channels]. */
  input: Shape;
  /** Numbers that come out. @default 10 */
  classes?: number;
  /** Channels of the two convolutions. @default [32, 64] */
  channels?: readonly [number, number];
  /** Features between the two dense layers. @default 128 */
  hidden?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * Two convolutions of 5 x 5 with ReLU and max pooling, then two dense layers: images to logits `[batch, classes]`. After
 * LeCun et al. 1998, in the size that tutorials use: for MNIST 454,922 parameters. They have the names of a PyTorch module
 * with `conv1`, `conv2`, `fc1` and `fc2`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { zeros } from '@dl/core/ops';
 * import { LeNet } from '@dl/cnn';
 *
 * await init();
 * const model = new LeNet({ input: [28, 28, 1], key: key(0) });
 * model.predict(zeros([2, 28, 28, 1])).shape; // [2, 10]
 * ```
 */
export class LeNet extends Module {
  readonly input: Shape;
  readonly conv1: Conv2d;
  readonly pool1: MaxPool2d;
  readonly conv2: Conv2d;
  readonly pool2: MaxPool2d;
  readonly flatten: Flatten;
  readonly fc1: Linear;
  readonly fc2: Linear;

  /** @throws ConfigError, ShapeError for sizes out of their range, or images that are too small */
  constructor({ input, classes = 10, channels = [32, 64], hidden = 128, key }: LeNetConfig) {
    super();
    for (const [i, size] of channels.entries()) checks.checkSize(this, `channels[${i}]`, size);
    checks.checkSize(this, 'hidden', hidden);
    checks.checkSize(this, 'classes', classes);
    checkImage(this.where, input, 4);
    const convolution = { kernel: 5, padding: 'same', activation: 'relu' } as const;
    this.input = [...input];
    this.conv1 = new Conv2d({ ...convolution, in: input.at(-1)!, out: channels[0], key: key.child('conv1') });
    this.pool1 = new MaxPool2d({ kernel: 2 });
    this.conv2 = new Conv2d({ ...convolution, in: channels[0], out: channels[1], key: key.child('conv2') });
    this.pool2 = new MaxPool2d({ kernel: 2 });
    this.flatten = new Flatten();
    const maps = [this.conv1, this.pool1, this.conv2, this.pool2, this.flatten];
    const [features] = maps.reduce<Shape>((shape, layer) => layer.outputShape(shape), input);
    this.fc1 = new Linear({ in: features!, out: hidden, activation: 'relu', key: key.child('fc1') });
    this.fc2 = new Linear({ in: hidden, out: classes, key: key.child('fc2') });
    this.modules(); // tells the layers where they are
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    return this.#layers().reduce((y, layer) => layer.forward(y, ctx), x);
  }

  outputShape(input: Shape): Shape {
    return this.#layers().reduce((shape, layer) => layer.outputShape(shape), input);
  }

  #layers(): Module[] {
    return [this.conv1, this.pool1, this.conv2, this.pool2, this.flatten, this.fc1, this.fc2];
  }
}

/** Spec of a `LeNet`; the shape of the image follows from the input. */
export const lenet = defineSpec(
  'lenet',
  (config: Omit<LeNetConfig, 'input' | 'key'> | undefined, input, key) => new LeNet({ ...config, input, key }),
);
