import { ConfigError, type Shape, ShapeError } from '@dl/core';
import type { Geometry } from '@dl/core/ops';
import { kernelSpan, outputSize } from '../geometry/output-size';
import { checkPadding, type Padding, type Sides, sidesOf } from '../geometry/padding';
import { type Pair, pairOf } from '../geometry/pair';

/** The options that two-dimensional convolutions share. PyTorch's `F.conv2d`. */
export interface ConvolutionOptions {
  /** Pixels from one window to the next. @default 1 */
  stride?: Pair;
  /** Pixels from one tap of the kernel to the next. @default 1 */
  dilation?: Pair;
  /** What is added around the image. @default 'valid': nothing */
  padding?: Padding;
  /** Equal parts that the channels fall into: each part of the output sees its part of the input alone. @default 1 */
  groups?: number;
  /** How it is computed: `direct` avoids Winograd's algorithm, which is faster and rounds a little more. @default 'auto' */
  algorithm?: ConvolutionAlgorithm;
}

/**
 * How a convolution is computed. `direct`: as a product of matrices. `auto`: by Winograd's algorithm where that is
 * faster (stride 1, no dilation or groups, a window of 3x3 to 6x6, 16 channels or more), which rounds to about 1e-5 of
 * the largest output instead of 1e-6. Only kernels know the difference.
 */
export type ConvolutionAlgorithm = 'auto' | 'direct';

/** A convolution with all sizes worked out. */
export interface ConvolutionPlan {
  geometry: Geometry & { groups: number };
  sides: Sides;
  algorithm: ConvolutionAlgorithm;
}

const IMAGE_AXES = ['batch', 'height', 'width', 'channels'];
const WEIGHT_AXES = ['kernelHeight', 'kernelWidth', 'in', 'out'];

/** Refuses options of a convolution that are wrong whatever the image. */
export function checkConvolution(where: string, options: ConvolutionOptions, inputs: number, outputs: number): void {
  const { stride = 1, dilation = 1, padding = 'valid', groups = 1 } = options;
  pairOf(where, 'stride', stride, 1);
  pairOf(where, 'dilation', dilation, 1);
  checkPadding(where, padding);
  if (options.algorithm !== undefined && options.algorithm !== 'auto' && options.algorithm !== 'direct') {
    throw new ConfigError(where, `algorithm is ${JSON.stringify(options.algorithm)}`, "it can be 'auto' or 'direct'");
  }
  if (!Number.isSafeInteger(groups) || groups < 1 || inputs % groups !== 0 || outputs % groups !== 0) {
    throw new ConfigError(
      where,
      `groups is ${String(groups)}, which does not divide the ${inputs} input and ${outputs} output channels`,
      'groups must be a positive divisor of both',
    );
  }
}

/**
 * Works out the sizes of a convolution.
 *
 * @param image [batch, height, width, channels]
 * @param weight [kernelHeight, kernelWidth, in / groups, out]
 * @throws ShapeError where the channels do not fit or the kernel is larger than the padded image
 * @throws ConfigError for options out of their range
 */
export function planConvolution(
  where: string,
  image: Shape,
  weight: Shape,
  options: ConvolutionOptions,
): ConvolutionPlan {
  const { stride = 1, dilation = 1, padding = 'valid', groups = 1 } = options;
  const shapes = [
    { label: 'input', shape: image, axes: IMAGE_AXES },
    { label: 'weight', shape: weight, axes: WEIGHT_AXES },
  ];
  if (image.length !== 4) {
    throw new ShapeError(
      where,
      `the input has ${image.length} axes with the batch, [batch, height, width, channels] is needed`,
      shapes,
      image.length === 3 ? `a single image needs a batch axis in front: [1, ${image.join(', ')}]` : undefined,
    );
  }
  if (weight.length !== 4) {
    throw new ShapeError(where, 'the weight must be [kernelHeight, kernelWidth, in / groups, out]', shapes);
  }
  const [batch, height, width, channels] = image as [number, number, number, number];
  const [kernelHeight, kernelWidth, inGroup, out] = weight as [number, number, number, number];
  checkConvolution(where, options, inGroup * groups, out);
  if (channels !== inGroup * groups) {
    throw new ShapeError(
      where,
      `the input has ${channels} channels, the weight expects ${inGroup * groups}`,
      shapes,
      height === inGroup * groups
        ? `axis 1 has ${height}: channels go last here (NHWC), transpose the input: transpose(x, [0, 2, 3, 1])`
        : `set in: ${channels}, or give the layer ${inGroup * groups} channels`,
    );
  }
  const window = {
    input: [height, width],
    kernel: [kernelHeight, kernelWidth],
    stride: pairOf(where, 'stride', stride, 1),
    dilation: pairOf(where, 'dilation', dilation, 1),
  } as const;
  const sides = sidesOf(padding, window);
  const [outHeight, outWidth] = [0, 1].map((axis) => {
    const [input, kernel, by] = [window.input[axis]!, window.kernel[axis]!, window.dilation[axis]!];
    const added = sides[2 * axis]! + sides[2 * axis + 1]!;
    const size = outputSize({ input, kernel, stride: window.stride[axis]!, dilation: by, padding: added });
    if (size > 0) return size;
    throw new ShapeError(
      where,
      `the kernel spans ${kernelSpan(kernel, by)} ${axis === 0 ? 'rows' : 'columns'}, the input has ${input}${added > 0 ? ` and ${added} of padding` : ''}`,
      shapes,
      `use a smaller kernel or dilation, or more padding: padding: 'same' keeps the size`,
    );
  }) as [number, number];
  const geometry = {
    batch,
    inHeight: height,
    inWidth: width,
    inChannels: channels,
    outHeight,
    outWidth,
    outChannels: out,
    filterHeight: kernelHeight,
    filterWidth: kernelWidth,
    strideHeight: window.stride[0],
    strideWidth: window.stride[1],
    dilationHeight: window.dilation[0],
    dilationWidth: window.dilation[1],
    padTop: sides[0],
    padLeft: sides[2],
    groups,
  };
  return { geometry, sides, algorithm: options.algorithm ?? 'auto' };
}
