import { ConfigError, DtypeError, type Shape, ShapeError } from '@dl/core';
import { ACTIVATION_CODES, type FusedActivation, type Tensor, tidy } from '@dl/core/ops';
import { convolution } from './convolution';
import { type ConvolutionOptions, planConvolution } from './convolution-plan';
import { checkPaddedSize, checkPaddingMode, type PaddingMode, padImage } from './pad-image';

/** Options of `conv2d`. */
export interface Conv2dOptions extends ConvolutionOptions {
  /** What padding is filled with. @default 'zeros' */
  paddingMode?: PaddingMode;
  /** An activation computed together with the products. @default 'linear': none */
  activation?: FusedActivation;
  /** Slope of `leakyrelu` below 0, or minus the limit of `elu`. @default 0.01 for `leakyrelu`, 1 for `elu` */
  alpha?: number;
}

/**
 * Two-dimensional convolution (cross-correlation): `y[i,j,o] = act(b[o] + sum over h, k, c of
 * x[i s + h d - p, j s + k d - p, c] W[h,k,c,o])`. PyTorch's `F.conv2d`, with channels last.
 *
 * @param x [batch, height, width, in]
 * @param weight [kernelHeight, kernelWidth, in / groups, out]
 * @param bias [out]
 * @returns [batch, outHeight, outWidth, out], sizes by `outputSize`
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { conv2d } from '@dl/cnn/ops';
 *
 * await init();
 * conv2d(ones([1, 3, 3, 1]), ones([2, 2, 1, 1])).dataSync(); // [4, 4, 4, 4]
 * ```
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv2dOptions = {}): Tensor {
  return convolveImage('conv2d', x, weight, bias, options);
}

/** `conv2d` under the name of who calls it. */
export function convolveImage(
  where: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: Conv2dOptions,
): Tensor {
  const { activation = 'linear', paddingMode = 'zeros' } = options;
  checkActivation(where, activation);
  checkPaddingMode(where, paddingMode);
  checkFloats(where, { input: x, weight, bias });
  const plan = planConvolution(where, x.shape, weight.shape, options);
  checkBias(where, bias, plan.geometry.outChannels);
  const attrs = {
    activation,
    alpha: options.alpha ?? (activation === 'elu' ? 1 : 0.01),
    hasBias: bias !== undefined,
  };
  if (paddingMode === 'zeros') return convolution({ x, weight, bias }, { ...plan, ...attrs });
  checkPaddedSize(where, paddingMode, plan.sides, x.shape);
  return tidy(() => {
    const padded = padImage(x, plan.sides, paddingMode);
    const inner = planConvolution(where, padded.shape, weight.shape, { ...options, padding: 'valid' });
    return convolution({ x: padded, weight, bias }, { ...inner, ...attrs });
  });
}

/** The shape of the output of `conv2d`, all with the batch axis. */
export function convolvedShape(where: string, image: Shape, weight: Shape, options: Conv2dOptions): Shape {
  const { geometry: g, sides } = planConvolution(where, image, weight, options);
  checkPaddedSize(where, options.paddingMode ?? 'zeros', sides, image);
  return [g.batch, g.outHeight, g.outWidth, g.outChannels];
}

/** Refuses an activation that cannot be computed with the products. */
export function checkActivation(where: string, activation: FusedActivation): void {
  if (Object.hasOwn(ACTIVATION_CODES, activation)) return;
  throw new ConfigError(
    where,
    `the activation '${String(activation)}' cannot be computed with the convolution`,
    `it can be ${Object.keys(ACTIVATION_CODES).join(', ')}; add others as a layer of their own`,
  );
}

/** Expects tensors of float32; a missing one is fine. */
export function checkFloats(where: string, tensors: Readonly<Record<string, Tensor | undefined>>): void {
  for (const [label, tensor] of Object.entries(tensors)) {
    if (tensor === undefined || tensor.dtype === 'float32') continue;
    throw new DtypeError(`${where}: the ${label} holds ${tensor.dtype}, float32 is needed: cast(x, 'float32')`);
  }
}

/** Expects a bias for each output channel. */
export function checkBias(where: string, bias: Tensor | undefined, channels: number): void {
  if (bias === undefined || (bias.rank === 1 && bias.shape[0] === channels)) return;
  throw new ShapeError(where, `the bias must be [out=${channels}]`, [{ label: 'bias', shape: bias.shape }]);
}
