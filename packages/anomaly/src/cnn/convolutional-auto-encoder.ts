import { conv2d, convTranspose2d } from '@dl/cnn';
import { ConfigError, type Key, ShapeError } from '@dl/core';
import { mse } from '@dl/core/losses';
import { elu, flatten, type LayerSpec, linear, relu, reshape, type Sequential, sequential } from '@dl/core/nn';
import type { Matrix } from '../data/matrix';
import { negativeSums, squaredErrors } from '../deep/reconstruction';
import { requireBackend, trainNetwork } from '../deep/train-network';
import { layerSizes, type TrainingOptions, trainingRanges } from '../deep/training-options';
import { faultOfWeights, outputsOf, type Sizes, storedWeights, type Weights, weightsOf } from '../deep/weights';
import type { Definition } from '../detector/definition';
import { type Complete, either, oneOf, type Range, whole } from '../detector/ranges';

/** Options of `ConvolutionalAutoEncoder`. */
export interface ConvolutionalAutoEncoderOptions extends TrainingOptions {
  /**
   * `[height, width, channels]` of the images that rows hold, row by row and channels last. `auto`: the axes that they come
   * with, or of flat rows, a square of one channel.
   * @default 'auto'
   */
  imageShape?: 'auto' | readonly [height: number, width: number, channels: number];
  /** Channels of the encoder's convolutions, each of which halves height and width; the decoder mirrors them. @default [16, 32] */
  channels?: readonly number[];
  /** Numbers that an image is squeezed into; a whole number from 1. @default 32 */
  codeSize?: number;
  /** What hidden layers do to their sums. @default 'relu' */
  activation?: 'relu' | 'elu';
  /**
   * How pixels are scaled, each by itself. `none` keeps an image what it is: give pixels from 0 to 1.
   * @default 'none'
   */
  scaler?: 'none' | 'standard' | 'minMax' | 'robust';
  /** Passes over the training images; a whole number from 1. @default 20 */
  epochs?: number;
}

/** What a fitted `ConvolutionalAutoEncoder` keeps: weights by name, and `imageShape`. */
export type ConvolutionalAutoEncoderState = { readonly [name: string]: Float32Array | Int32Array };

type ImageShape = readonly [height: number, width: number, channels: number];
type Options = Complete<ConvolutionalAutoEncoderOptions>;

const KERNEL = 3;

/**
 * What a narrow network of convolutions cannot draw again: 3 x 3 convolutions of stride 2 down to a dense code, transposed
 * ones back up. score = -mean over pixels and channels of the squared difference between an image and its reconstruction.
 * Additive: the squared differences over the number of features are the contributions, an image of what is odd.
 * Masci et al. (2011), "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction".
 */
export const convolutionalAutoEncoder: Definition<ConvolutionalAutoEncoderOptions, ConvolutionalAutoEncoderState> = {
  name: 'ConvolutionalAutoEncoder',
  shaped: true,
  ranges: {
    ...trainingRanges,
    scaler: oneOf('none', ['none', 'standard', 'minMax', 'robust']),
    epochs: whole(20),
    imageShape: either<'auto', ImageShape>(oneOf('auto', ['auto']), threeSizes()),
    channels: layerSizes([16, 32]),
    codeSize: whole(32),
    activation: oneOf('relu', ['relu', 'elu']),
  },
  fit(rows, options) {
    requireBackend('ConvolutionalAutoEncoder');
    const shape = shapeOf(rows, options);
    using model = networkOf(planOf(options, shape), rows.columns, options.key.child('weights'));
    trainNetwork(model, mse, rows, options);
    return { state: { ...weightsOf(model), imageShape: Int32Array.from(shape) } };
  },
  score: (state, rows, options) => negativeSums(contributionsOf(state, rows, options), rows.rows),
  explain: contributionsOf,
  layout: (options) => ({ ...storedWeights(planOf(options, [1, 1, 1]).sizes), imageShape: 'int32' }),
  faultOf(state, columns, options) {
    const shape = [...state.imageShape!];
    if (shape.length !== 3 || !shape.every((size) => size >= 1) || product(shape) !== columns) {
      return `images of ${shape.join(' x ')} have not ${columns} features`;
    }
    return faultOfWeights(state, planOf(options, shape as unknown as ImageShape).sizes);
  },
};

/** Layers, and how many weights each has. */
interface Plan {
  readonly layers: readonly LayerSpec[];
  readonly sizes: Sizes;
}

function planOf({ channels, codeSize, activation }: Options, [height, width, colours]: ImageShape): Plan {
  const layers: LayerSpec[] = [reshape({ shape: [height, width, colours] })];
  const sizes: Record<string, number> = {};
  const add = (layer: LayerSpec, inputs: number, out: number) => {
    sizes[`${layers.length}.weight`] = inputs * out;
    sizes[`${layers.length}.bias`] = out;
    layers.push(layer);
  };
  // Heights, widths and channels before each convolution, and after the last one.
  const steps = [{ height, width, channels: colours }];
  for (const out of channels) {
    const before = steps.at(-1)!;
    add(conv2d({ out, kernel: KERNEL, stride: 2, padding: 1, activation }), KERNEL * KERNEL * before.channels, out);
    steps.push({ height: Math.ceil(before.height / 2), width: Math.ceil(before.width / 2), channels: out });
  }
  const inner = steps.at(-1)!;
  const innerShape = [inner.height, inner.width, inner.channels];
  const innerSize = product(innerShape);
  layers.push(flatten());
  add(linear({ out: codeSize }), innerSize, codeSize);
  add(linear({ out: innerSize, activation }), codeSize, innerSize);
  layers.push(reshape({ shape: innerShape }));
  for (let i = channels.length - 1; i >= 0; i--) {
    const [from, to] = [steps[i + 1]!, steps[i]!];
    // 2 size - 1 pixels, and one more where the size was even
    const outputPadding = [to.height - (2 * from.height - 1), to.width - (2 * from.width - 1)] as const;
    add(
      convTranspose2d({ out: to.channels, kernel: KERNEL, stride: 2, padding: 1, outputPadding }),
      KERNEL * KERNEL * from.channels,
      to.channels,
    );
    if (i > 0) layers.push(activation === 'relu' ? relu() : elu());
  }
  layers.push(flatten());
  return { layers, sizes };
}

function networkOf({ layers }: Plan, features: number, key: Key): Sequential {
  return sequential({ input: [features], key }, layers);
}

function contributionsOf(state: ConvolutionalAutoEncoderState, rows: Matrix, options: Options): Float64Array {
  requireBackend('ConvolutionalAutoEncoder', 'scored');
  const { imageShape, ...weights } = state;
  const shape = [...imageShape!] as unknown as ImageShape;
  if (rows.axes !== undefined) requireSame(rows, shape);
  using model = networkOf(planOf(options, shape), rows.columns, options.key);
  return squaredErrors(rows, outputsOf(model, weights as Weights, rows));
}

/** The shape of the training images. */
function shapeOf(rows: Matrix, { imageShape }: Options): ImageShape {
  const { axes, columns } = rows;
  if (axes !== undefined && axes.length !== 3) throw requireThree(rows);
  if (imageShape !== 'auto') {
    if (axes !== undefined) requireSame(rows, imageShape);
    else if (product(imageShape) !== columns) {
      throw new ShapeError(
        'ConvolutionalAutoEncoder',
        `images of ${imageShape.join(' x ')} have ${product(imageShape)} features, the rows have ${columns}`,
        [{ label: 'X', shape: [rows.rows, columns], axes: ['rows', 'features'] }],
      );
    }
    return imageShape;
  }
  if (axes !== undefined) return axes as unknown as ImageShape;
  const side = Math.round(Math.sqrt(columns));
  if (side * side === columns) return [side, side, 1];
  throw new ConfigError(
    'ConvolutionalAutoEncoder',
    `${columns} features are no square image of one channel`,
    'give imageShape: [height, width, channels], or images [rows, height, width, channels]',
  );
}

function requireSame(rows: Matrix, shape: ImageShape): void {
  if (rows.axes!.length !== 3) throw requireThree(rows);
  if (rows.axes!.every((size, i) => size === shape[i])) return;
  throw new ShapeError('ConvolutionalAutoEncoder', 'the images have another shape than expected', [
    { label: 'X', shape: [rows.rows, ...rows.axes!], axes: ['rows', 'height', 'width', 'channels'] },
    { label: 'images', shape, axes: ['height', 'width', 'channels'] },
  ]);
}

function requireThree(rows: Matrix): ShapeError {
  return new ShapeError(
    'ConvolutionalAutoEncoder',
    `an image has 3 axes, these have ${rows.axes!.length}`,
    [{ label: 'X', shape: [rows.rows, ...rows.axes!] }],
    'images are [rows, height, width, channels]; grey ones have one channel',
  );
}

function threeSizes(): Range<ImageShape> {
  return {
    fallback: [1, 1, 1],
    range: 'a list [height, width, channels] of ints in the range [1, inf)',
    accepts: (value) =>
      Array.isArray(value) && value.length === 3 && value.every((size) => Number.isSafeInteger(size) && size >= 1),
  };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
