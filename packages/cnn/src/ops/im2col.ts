import { ShapeError } from '@dl/core';
import { defineOp, lendGeometry, pad, reshape, slice, type Tensor } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import { kernels } from '../kernels';
import { checkFloats } from './conv-2d';
import { type ConvolutionOptions, type ConvolutionPlan, planConvolution } from './convolution-plan';
import { gatherTaps, scatterTaps } from './gather-taps';

/** Options of `im2col` and `col2im`. */
export type PatchOptions = Omit<ConvolutionOptions, 'groups'>;

const gatherPatches = defineOp({
  name: 'im2col',
  error: 'exact',
  saves: [],
  forward: ({ x }: { x: Tensor }, plan: ConvolutionPlan) => patchesOf(x, plan),
  backward: ({ dy }, plan) => ({ x: () => scatterPatches({ patches: dy }, plan) }),
  kernel: ({ x }, plan, heap) => {
    const { batch, outHeight, outWidth } = plan.geometry;
    const y = heap.tensor([batch, outHeight * outWidth, patchSize(plan)]);
    lendGeometry(heap, plan.geometry, (g) => kernels.on(heap).allPatches(g, heap.address(x), heap.address(y)));
    return y;
  },
});

const scatterPatches = defineOp({
  name: 'col2im',
  error: '1e-6 relative to the sum of |patches|',
  saves: [],
  forward: ({ patches }: { patches: Tensor }, plan: ConvolutionPlan) => imageOf(patches, plan),
  backward: ({ dy }, plan): { patches: () => Tensor } => ({ patches: () => gatherPatches({ x: dy }, plan) }),
  kernel: ({ patches }, plan, heap) => {
    const { batch, inHeight, inWidth, inChannels } = plan.geometry;
    const x = heap.tensor([batch, inHeight, inWidth, inChannels]);
    lendGeometry(heap, plan.geometry, (g) => kernels.on(heap).addAllPatches(g, heap.address(patches), heap.address(x)));
    return x;
  },
});

/**
 * The patches that the windows of a convolution see, one a row: with them a convolution is one matrix product. PyTorch's
 * `F.unfold`, with channels last.
 *
 * @param x [batch, height, width, channels]
 * @param kernel size of the window
 * @returns [batch, outHeight * outWidth, kernelHeight * kernelWidth * channels]
 * @throws ShapeError, ConfigError where the sizes or options do not fit
 *
 * @example
 * ```ts
 * const patches = im2col(x, [3, 3]);                        // [batch, positions, 9 * in]
 * const y = linear(patches, transpose(reshape(weight, [9 * channels, out]))); // what conv2d(x, weight) gives
 * ```
 */
export function im2col(x: Tensor, kernel: Pair, options: PatchOptions = {}): Tensor {
  checkFloats('im2col', { input: x });
  return gatherPatches({ x }, planPatches('im2col', x.shape, kernel, options));
}

/**
 * Adds patches up at the places they were taken from: the transpose of `im2col`, and so its gradient. PyTorch's `F.fold`.
 *
 * @param patches [batch, outHeight * outWidth, kernelHeight * kernelWidth * channels]
 * @param size of the image: [height, width]
 * @param kernel size of the window
 * @returns [batch, height, width, channels]
 * @throws ShapeError, ConfigError where the sizes or options do not fit
 */
export function col2im(
  patches: Tensor,
  size: readonly [height: number, width: number],
  kernel: Pair,
  options: PatchOptions = {},
): Tensor {
  checkFloats('col2im', { patches });
  const [height, width] = pairOf('col2im', 'kernel', kernel, 1);
  const shapes = [{ label: 'patches', shape: patches.shape, axes: ['batch', 'positions', 'patch'] }];
  const channels = patches.shape[2]! / (height * width);
  if (patches.rank !== 3 || !Number.isInteger(channels)) {
    throw new ShapeError(
      'col2im',
      `the patches must be [batch, positions, ${height * width} times the channels]`,
      shapes,
    );
  }
  const image = [patches.shape[0], ...pairOf('col2im', 'size', size, 1), channels];
  const plan = planPatches('col2im', image, kernel, options);
  const positions = plan.geometry.outHeight * plan.geometry.outWidth;
  if (patches.shape[1] !== positions) {
    throw new ShapeError('col2im', `an image of this size has ${positions} windows, ${patches.shape[1]!} are given`, [
      ...shapes,
      { label: 'image', shape: image, axes: ['batch', 'height', 'width', 'channels'] },
    ]);
  }
  return scatterPatches({ patches }, plan);
}

function planPatches(where: string, image: readonly number[], kernel: Pair, options: PatchOptions): ConvolutionPlan {
  const channels = image.at(-1) ?? 0;
  return planConvolution(where, image, [...pairOf(where, 'kernel', kernel, 1), channels, 1], options);
}

function patchSize({ geometry: g }: ConvolutionPlan): number {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

function patchesOf(x: Tensor, plan: ConvolutionPlan): Tensor {
  const [top, bottom, left, right] = plan.sides;
  const { batch, outHeight, outWidth } = plan.geometry;
  const padded = pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  return reshape(gatherTaps(padded, plan.geometry), [batch, outHeight * outWidth, patchSize(plan)]);
}

function imageOf(patches: Tensor, { geometry: g, sides: [top, bottom, left, right] }: ConvolutionPlan): Tensor {
  const split = reshape(patches, [g.batch, g.outHeight, g.outWidth, g.filterHeight, g.filterWidth, g.inChannels]);
  const padded = scatterTaps(split, g, g.inHeight + top + bottom, g.inWidth + left + right);
  return slice(padded, [0, top, left, 0], [g.batch, g.inHeight, g.inWidth, g.inChannels]);
}
