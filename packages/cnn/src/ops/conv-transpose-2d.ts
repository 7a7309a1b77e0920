import { ConfigError, type Shape, ShapeError } from '@dl/core';
import type { Tensor } from '@dl/core/ops';
import { kernelSpan } from '../geometry/output-size';
import { type Pair, pairOf } from '../geometry/pair';
import { checkBias, checkFloats } from './conv-2d';
import { transposedConvolution } from './convolution';
import { type ConvolutionPlan, planConvolution } from './convolution-plan';

/** Options of `convTranspose2d`. PyTorch's `F.conv_transpose2d`. */
export interface ConvTranspose2dOptions {
  /** Pixels of the output from one window to the next. @default 1 */
  stride?: Pair;
  /** Pixels taken off each side of the output. @default 0 */
  padding?: Pair;
  /** Pixels added at bottom and right, less than the stride or the dilation. @default 0 */
  outputPadding?: Pair;
  /** Pixels from one tap of the kernel to the next. @default 1 */
  dilation?: Pair;
  /** Equal parts that the channels fall into. @default 1 */
  groups?: number;
}

/**
 * Transposed convolution: the gradient of `conv2d` for its input, as a layer that makes images larger. PyTorch's
 * `F.conv_transpose2d`, with channels last. Along each axis the output has
 * `(input - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1` pixels.
 *
 * @param x [batch, height, width, in]
 * @param weight [kernelHeight, kernelWidth, out / groups, in]
 * @param bias [out]
 * @returns [batch, outHeight, outWidth, out]
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTranspose2dOptions = {},
): Tensor {
  return transposeConvolve('convTranspose2d', x, weight, bias, options);
}

/** `convTranspose2d` under the name of who calls it. */
export function transposeConvolve(
  where: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvTranspose2dOptions,
): Tensor {
  checkFloats(where, { input: x, weight, bias });
  const plan = planTransposed(where, x.shape, weight.shape, options);
  checkBias(where, bias, plan.geometry.inChannels);
  return transposedConvolution({ x, weight, bias }, plan);
}

/** Works out the convolution whose input gradient is the transposed convolution. */
export function planTransposed(
  where: string,
  x: Shape,
  weight: Shape,
  options: ConvTranspose2dOptions,
): ConvolutionPlan {
  const { groups = 1 } = options;
  const shapes = [
    { label: 'input', shape: x, axes: ['batch', 'height', 'width', 'channels'] },
    { label: 'weight', shape: weight, axes: ['kernelHeight', 'kernelWidth', 'out', 'in'] },
  ];
  if (x.length !== 4 || weight.length !== 4) {
    throw new ShapeError(
      where,
      `the input has ${x.length} axes with the batch, [batch, height, width, channels] is needed`,
      shapes,
      x.length === 3 ? `a single image needs a batch axis in front: [1, ${x.join(', ')}]` : undefined,
    );
  }
  const [batch, height, width, channels] = x as [number, number, number, number];
  if (channels !== weight[3]) {
    throw new ShapeError(
      where,
      `the input has ${channels} channels, the weight expects ${weight[3]!}`,
      shapes,
      height === weight[3]
        ? `axis 1 has ${height}: channels go last here (NHWC), transpose the input: transpose(x, [0, 2, 3, 1])`
        : `set in: ${channels}, or give the layer ${weight[3]!} channels`,
    );
  }
  const { stride, dilation, padding, outputPadding } = checkTransposed(where, options);
  const [outHeight, outWidth] = [height, width].map((size, i) => {
    const span = kernelSpan(weight[i]!, dilation[i]);
    const out = (size - 1) * stride[i]! - 2 * padding[i]! + span + outputPadding[i]!;
    if (out > 0) return out;
    throw new ShapeError(
      where,
      `the padding of ${padding[i]!} leaves nothing of the output`,
      shapes,
      'use less padding',
    );
  }) as [number, number];
  const plan = planConvolution(where, [batch, outHeight, outWidth, weight[2]! * groups], weight, {
    stride,
    dilation,
    groups,
    padding: [padding[0], padding[0], padding[1], padding[1]],
  });
  // The pixels of output padding that no window reaches leave the convolution with as many outputs as x has pixels.
  return { ...plan, geometry: { ...plan.geometry, outHeight: height, outWidth: width } };
}

/** The options as pairs, checked. */
export function checkTransposed(where: string, options: ConvTranspose2dOptions) {
  const stride = pairOf(where, 'stride', options.stride ?? 1, 1);
  const dilation = pairOf(where, 'dilation', options.dilation ?? 1, 1);
  const padding = pairOf(where, 'padding', options.padding ?? 0, 0);
  const outputPadding = pairOf(where, 'outputPadding', options.outputPadding ?? 0, 0);
  for (const [i, extra] of outputPadding.entries()) {
    if (extra < Math.max(stride[i]!, dilation[i]!)) continue;
    throw new ConfigError(
      where,
      `outputPadding is ${extra}, it must be less than the stride (${stride[i]!}) or the dilation (${dilation[i]!})`,
    );
  }
  return { stride, dilation, padding, outputPadding };
}
