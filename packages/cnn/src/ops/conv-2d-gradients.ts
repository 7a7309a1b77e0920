import { type Shape, ShapeError } from '@dl/core';
import type { Tensor } from '@dl/core/ops';
import { checkFloats } from './conv-2d';
import { convolutionFilterGradient, transposedConvolution } from './convolution';
import { type ConvolutionOptions, type ConvolutionPlan, planConvolution } from './convolution-plan';

/**
 * The gradient of `conv2d` for its input, `dL/dx`, from that of its output: every output pixel gives its share back to
 * the pixels it was made of, `dx[i s + h d - p, j s + k d - p, c] += sum over o of dy[i,j,o] W[h,k,c,o]`. PyTorch's
 * `torch.nn.grad.conv2d_input`.
 *
 * @param shape the shape of the input, [batch, height, width, in]
 * @param weight [kernelHeight, kernelWidth, in / groups, out]
 * @param dy dL/dy, [batch, outHeight, outWidth, out]
 * @returns a tensor of that shape
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { conv2dInput } from '@dl/cnn/ops';
 *
 * await init();
 * conv2dInput([1, 3, 3, 1], ones([2, 2, 1, 1]), ones([1, 2, 2, 1])).dataSync(); // [1, 2, 1, 2, 4, 2, 1, 2, 1]
 * ```
 */
export function conv2dInput(shape: Shape, weight: Tensor, dy: Tensor, options: ConvolutionOptions = {}): Tensor {
  checkFloats('conv2dInput', { weight, dy });
  const plan = planConvolution('conv2dInput', shape, weight.shape, options);
  checkOutput('conv2dInput', dy.shape, plan);
  return transposedConvolution({ x: dy, weight, bias: undefined }, plan);
}

/**
 * The gradient of `conv2d` for its weight, `dL/dW`, from that of its output: `dW[h,k,c,o] = sum over all i, j and the batch
 * of x[i s + h d - p, j s + k d - p, c] dy[i,j,o]`. PyTorch's `torch.nn.grad.conv2d_weight`.
 *
 * @param x [batch, height, width, in]
 * @param shape the shape of the weight, [kernelHeight, kernelWidth, in / groups, out]
 * @param dy dL/dy, [batch, outHeight, outWidth, out]
 * @returns a tensor of that shape
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 */
export function conv2dWeight(x: Tensor, shape: Shape, dy: Tensor, options: ConvolutionOptions = {}): Tensor {
  checkFloats('conv2dWeight', { input: x, dy });
  const plan = planConvolution('conv2dWeight', x.shape, shape, options);
  checkOutput('conv2dWeight', dy.shape, plan);
  return convolutionFilterGradient({ x, of: dy }, plan);
}

function checkOutput(where: string, shape: Shape, { geometry: g }: ConvolutionPlan): void {
  const expected = [g.batch, g.outHeight, g.outWidth, g.outChannels];
  if (shape.length === 4 && expected.every((size, i) => size === shape[i])) return;
  throw new ShapeError(
    where,
    `the output of this convolution is [${expected.join(', ')}], and so must its gradient be`,
    [{ label: 'dy', shape, axes: ['batch', 'outHeight', 'outWidth', 'out'] }],
  );
}
