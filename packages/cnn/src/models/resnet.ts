import { ConfigError, type Context, EVAL, type Key, Module, type Shape } from '@dl/core';
import { BatchNorm, checks, defineSpec, initializers, Linear, Sequential } from '@dl/core/nn';
import { add, relu, type Tensor } from '@dl/core/ops';
import { Conv2d } from '../layers/conv-2d';
import { GlobalAvgPool2d } from '../layers/pooling';

/** Options of `BasicBlock`. */
export interface BasicBlockConfig {
  /** Channels of the input. */
  in: number;
  /** Channels of the output. */
  out: number;
  /** Pixels from one window of the first convolution to the next. @default 1 */
  stride?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * `y = relu(bn2(conv2(relu(bn1(conv1(x))))) + x)`, with a 1 x 1 convolution and batch norm on the way past where size or
 * channels change: `[batch, height, width, in]` to `[batch, height / stride, width / stride, out]`. He et al. 2016,
 * torchvision's `BasicBlock` with its names.
 */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly downsample: Sequential | undefined;

  /** @throws ConfigError for sizes out of their range */
  constructor({ in: inputs, out, stride = 1, key }: BasicBlockConfig) {
    super();
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'out', out);
    checks.checkSize(this, 'stride', stride);
    this.conv1 = convolution({ in: inputs, out, stride, key: key.child('conv1') });
    this.bn1 = new BatchNorm({ channels: out });
    this.conv2 = convolution({ in: out, out, key: key.child('conv2') });
    this.bn2 = new BatchNorm({ channels: out });
    const project = () =>
      new Sequential([
        convolution({ in: inputs, out, kernel: 1, padding: 0, stride, key: key.child('downsample') }),
        new BatchNorm({ channels: out }),
      ]);
    this.downsample = stride !== 1 || inputs !== out ? project() : undefined;
    this.modules(); // tells the layers where they are
  }

  /** @throws ShapeError where the channels do not fit */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    const inner = relu(this.bn1.forward(this.conv1.forward(x), ctx));
    const body = this.bn2.forward(this.conv2.forward(inner), ctx);
    return relu(add(body, this.downsample ? this.downsample.forward(x, ctx) : x));
  }

  outputShape(input: Shape): Shape {
    return this.conv2.outputShape(this.conv1.outputShape(input));
  }
}

/** Options of `ResNet`. */
export interface ResNetConfig {
  /** Channels of the images. */
  in: number;
  /** Layers with weights: 6n + 2 for n blocks in each of the three stages. @default 20 */
  depth?: number;
  /** Channels of the first stage; the second has twice, the third four times as many. @default 16 */
  width?: number;
  /** Numbers that come out. @default 10 */
  classes?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * The residual network for CIFAR: a 3 x 3 convolution, three stages of `BasicBlock`s, the second and third of which halve
 * the image, the mean over the places, and a dense layer: images to logits `[batch, classes]`. He et al. 2016, section 4.2,
 * with projections where the size changes. The names of the parameters are those of torchvision's ResNet:
 * `layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`, `fc.bias`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { summary } from '@dl/core/nn';
 * import { ResNet } from '@dl/cnn';
 *
 * await init();
 * const model = new ResNet({ in: 3, depth: 20, key: key(0) });
 * summary(model, { input: [32, 32, 3] }).parameters; // 272474
 * ```
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly avgpool: GlobalAvgPool2d;
  readonly fc: Linear;

  /** @throws ConfigError unless the depth is 6n + 2, and for sizes out of their range */
  constructor({ in: inputs, depth = 20, width = 16, classes = 10, key }: ResNetConfig) {
    super();
    const blocks = (depth - 2) / 6;
    if (!Number.isSafeInteger(blocks) || blocks < 1) {
      throw new ConfigError(
        this.where,
        `the depth is ${String(depth)}, it must be 6n + 2`,
        'for example 8, 20, 32 or 56',
      );
    }
    checks.checkSize(this, 'in', inputs);
    checks.checkSize(this, 'width', width);
    checks.checkSize(this, 'classes', classes);
    this.conv1 = convolution({ in: inputs, out: width, key: key.child('conv1') });
    this.bn1 = new BatchNorm({ channels: width });
    const stage = (name: string, from: number, out: number, stride: number) => {
      const keys = key.child(name).split(blocks);
      const block = (i: number) => ({ in: i === 0 ? from : out, stride: i === 0 ? stride : 1 });
      return new Sequential(keys.map((key, i) => new BasicBlock({ ...block(i), out, key })));
    };
    this.layer1 = stage('layer1', width, width, 1);
    this.layer2 = stage('layer2', width, 2 * width, 2);
    this.layer3 = stage('layer3', 2 * width, 4 * width, 2);
    this.avgpool = new GlobalAvgPool2d();
    this.fc = new Linear({ in: 4 * width, out: classes, key: key.child('fc') });
    this.modules(); // tells the layers where they are
  }

  /** @throws ShapeError where the channels do not fit */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    const stem = relu(this.bn1.forward(this.conv1.forward(x), ctx));
    const maps = [this.layer1, this.layer2, this.layer3].reduce((y, stage) => stage.forward(y, ctx), stem);
    return this.fc.forward(this.avgpool.forward(maps));
  }

  outputShape(input: Shape): Shape {
    const layers = [this.conv1, this.layer1, this.layer2, this.layer3, this.avgpool, this.fc];
    return layers.reduce<Shape>((shape, layer) => layer.outputShape(shape), input);
  }
}

/** A convolution as residual networks have it: 3 x 3, without bias, with He's first values by the outputs. */
function convolution(options: {
  in: number;
  out: number;
  kernel?: number;
  padding?: number;
  stride?: number;
  key: Key;
}): Conv2d {
  const weightInit = initializers.heNormal({ mode: 'out' });
  return new Conv2d({ kernel: 3, padding: 1, ...options, bias: false, weightInit });
}

/** Spec of a `BasicBlock`; `in` follows from the input. */
export const basicBlock = defineSpec(
  'basicBlock',
  (config: Omit<BasicBlockConfig, 'in' | 'key'>, input, key) => new BasicBlock({ ...config, in: input.at(-1)!, key }),
);

/** Spec of a `ResNet`; `in` follows from the input. */
export const resnet = defineSpec(
  'resnet',
  (config: Omit<ResNetConfig, 'in' | 'key'> | undefined, input, key) =>
    new ResNet({ ...config, in: input.at(-1)!, key }),
);
