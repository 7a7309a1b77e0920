import {
  ACTIVATION_CODES,
  add,
  defineOp,
  type FusedActivation,
  fusedActivations,
  type Geometry,
  type Heap,
  lendGeometry,
  matMul,
  pad,
  reshape,
  slice,
  sum,
  type Tensor,
  transpose,
} from '@dl/core/ops';
import type { Sides } from '../geometry/padding';
import { kernels } from '../kernels';
import { gatherTaps, scatterTaps } from './gather-taps';

/** The sizes of a convolution, all worked out: images are [batch, height, width, channels]. */
export interface ConvolutionAttrs {
  geometry: Geometry & { groups: number };
  /** Zeros around the image; `geometry` has those at top and left too. */
  sides: Sides;
  activation: FusedActivation;
  alpha: number;
  hasBias: boolean;
}

type Inputs = { x: Tensor; weight: Tensor; bias?: Tensor | undefined };

/**
 * y = act(x * W + b): x [batch, height, width, in], weight [kernelHeight, kernelWidth, in / groups, out].
 *
 * With P the matrix of patches, `y = P W`, so `dW = P^T dy`, and `dP = dy W^T` is added up into dx.
 */
export const convolution = defineOp({
  name: 'convolution',
  error: '2e-6 relative to |x| |W|',
  saves: ['x', 'weight', 'y'],
  forward: ({ x, weight, bias }: Inputs, { geometry: g, sides, activation, alpha }: ConvolutionAttrs) => {
    const products = patchesTimes(x, weight, g, sides);
    return fusedActivations[activation].of(bias ? add(products, bias) : products, alpha);
  },
  backward: ({ x, weight, y, dy }, { geometry: g, sides, activation, alpha }) => {
    const dz = fusedActivations[activation].gradient(y, dy, alpha);
    return {
      x: () => inputGradient(dz, weight, g, sides),
      weight: () => filterGradient(x, dz, g, sides),
      bias: () => sum(dz, [0, 1, 2]),
    };
  },
  kernel: ({ x, weight, bias }, { geometry, activation, alpha }, heap) =>
    convolve(heap, x, weight, bias, geometry, activation, alpha),
  backwardKernel: ({ x, weight, y, dy }, { geometry, activation, alpha, hasBias }, heap) => {
    const { dz, db } = gradientOfSum(heap, y, dy, activation, alpha, hasBias);
    return {
      x: () => inputGradientKernel(heap, dz, weight, geometry),
      weight: () => filterGradientKernel(heap, x, dz, geometry),
      ...(db && { bias: db }),
    };
  },
});

/**
 * The transposed convolution: what `convolution` with the same sizes has as its input gradient. x is [batch, outHeight,
 * outWidth, out] of those sizes, weight [kernelHeight, kernelWidth, in / groups, out], the result as large as the input.
 */
export const transposedConvolution = defineOp({
  name: 'transposedConvolution',
  error: '2e-6 relative to |x| |W|',
  saves: ['x', 'weight'],
  forward: ({ x, weight, bias }: Inputs, { geometry: g, sides }: Pick<ConvolutionAttrs, 'geometry' | 'sides'>) => {
    const image = inputGradient(x, weight, g, sides);
    return bias ? add(image, bias) : image;
  },
  backward: ({ x, weight, dy }, { geometry: g, sides }) => ({
    x: () => patchesTimes(dy, weight, g, sides),
    weight: () => filterGradient(dy, x, g, sides),
    bias: () => sum(dy, [0, 1, 2]),
  }),
  kernel: ({ x, weight, bias }, { geometry }, heap) => {
    const image = inputGradientKernel(heap, x, weight, geometry);
    if (!bias) return image;
    const y = add(image, bias);
    image.dispose();
    return y;
  },
  backwardKernel: ({ x, weight, dy }, { geometry }, heap) => ({
    x: () => convolve(heap, dy, weight, undefined, geometry, 'linear', 0),
    weight: () => filterGradientKernel(heap, dy, x, geometry),
    bias: () => sum(dy, [0, 1, 2]),
  }),
});

/** P: [batch * outHeight * outWidth, groups, patch of a group], groups in front: [groups, positions, patch]. */
function groupedPatches(x: Tensor, g: ConvolutionAttrs['geometry'], sides: Sides): Tensor {
  const [top, bottom, left, right] = sides;
  const padded = pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const taps = g.filterHeight * g.filterWidth;
  const patches = reshape(gatherTaps(padded, g), [positions(g), taps, g.groups, g.inChannels / g.groups]);
  return reshape(transpose(patches, [2, 0, 1, 3]), [g.groups, positions(g), patchSize(g)]);
}

/** The weight with the groups in front: [groups, patch, out / groups]. */
function groupedWeight(weight: Tensor, g: ConvolutionAttrs['geometry']): Tensor {
  return transpose(reshape(weight, [patchSize(g), g.groups, g.outChannels / g.groups]), [1, 0, 2]);
}

/** An image of the output with the groups in front: [groups, positions, out / groups]. */
function groupedOutput(y: Tensor, g: ConvolutionAttrs['geometry']): Tensor {
  return transpose(reshape(y, [positions(g), g.groups, g.outChannels / g.groups]), [1, 0, 2]);
}

function patchesTimes(x: Tensor, weight: Tensor, g: ConvolutionAttrs['geometry'], sides: Sides): Tensor {
  const products = matMul(groupedPatches(x, g, sides), groupedWeight(weight, g)); // [groups, positions, out / groups]
  return reshape(transpose(products, [1, 0, 2]), [g.batch, g.outHeight, g.outWidth, g.outChannels]);
}

function filterGradient(x: Tensor, dy: Tensor, g: ConvolutionAttrs['geometry'], sides: Sides): Tensor {
  const dw = matMul(groupedPatches(x, g, sides), groupedOutput(dy, g), true, false); // [groups, patch, out / groups]
  return reshape(transpose(dw, [1, 0, 2]), weightShape(g));
}

function inputGradient(dy: Tensor, weight: Tensor, g: ConvolutionAttrs['geometry'], sides: Sides): Tensor {
  const [top, bottom, left, right] = sides;
  const patches = matMul(groupedOutput(dy, g), groupedWeight(weight, g), false, true); // [groups, positions, patch]
  const taps = [g.filterHeight, g.filterWidth];
  const split = reshape(patches, [g.groups, positions(g), g.filterHeight * g.filterWidth, g.inChannels / g.groups]);
  const shape = [g.batch, g.outHeight, g.outWidth, ...taps, g.inChannels];
  const padded = scatterTaps(
    reshape(transpose(split, [1, 2, 0, 3]), shape),
    g,
    g.inHeight + top + bottom,
    g.inWidth + left + right,
  );
  return slice(padded, [0, top, left, 0], [g.batch, g.inHeight, g.inWidth, g.inChannels]);
}

function positions(g: Geometry): number {
  return g.batch * g.outHeight * g.outWidth;
}

function patchSize(g: ConvolutionAttrs['geometry']): number {
  return (g.filterHeight * g.filterWidth * g.inChannels) / g.groups;
}

function weightShape(g: ConvolutionAttrs['geometry']): [number, number, number, number] {
  return [g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels];
}

/** One filter for each channel: the kernels for depthwise convolutions apply. */
function isDepthwise(g: ConvolutionAttrs['geometry']): boolean {
  return g.groups > 1 && g.groups === g.inChannels;
}

function convolve(
  heap: Heap,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  g: ConvolutionAttrs['geometry'],
  activation: FusedActivation,
  alpha: number,
): Tensor {
  const y = heap.tensor([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const { convolve, convolveScratch, depthwise } = kernels.on(heap);
  const [w, b] = [heap.address(weight), bias ? heap.address(bias) : 0];
  const code = ACTIVATION_CODES[activation];
  lendGeometry(heap, g, (geometry) => {
    if (isDepthwise(g) && g.outChannels === g.inChannels) {
      depthwise(geometry, heap.address(x), w, b, code, alpha, heap.address(y));
      return;
    }
    heap.scratch(convolveScratch(geometry), (scratch) =>
      convolve(geometry, heap.address(x), w, b, code, alpha, heap.address(y), scratch),
    );
  });
  return y;
}

function filterGradientKernel(heap: Heap, x: Tensor, dy: Tensor, g: ConvolutionAttrs['geometry']): Tensor {
  const dw = heap.tensor(weightShape(g));
  const module = kernels.on(heap);
  const [gradient, scratchBytes] = isDepthwise(g)
    ? [module.depthwiseFilterGradient, module.depthwiseScratch]
    : [module.convolutionFilterGradient, module.convolutionScratch];
  lendGeometry(heap, g, (geometry) =>
    heap.scratch(scratchBytes(geometry), (scratch) =>
      gradient(geometry, heap.address(x), heap.address(dy), heap.address(dw), scratch),
    ),
  );
  return dw;
}

function inputGradientKernel(heap: Heap, dy: Tensor, weight: Tensor, g: ConvolutionAttrs['geometry']): Tensor {
  const mirrored = mirroredGeometry(g);
  if (mirrored && !isDepthwise(g)) return convolveFlipped(heap, dy, weight, g, mirrored);
  const dx = heap.tensor([g.batch, g.inHeight, g.inWidth, g.inChannels]);
  const module = kernels.on(heap);
  const [gradient, scratchBytes] = isDepthwise(g)
    ? [module.depthwiseInputGradient, module.depthwiseScratch]
    : [module.convolutionInputGradient, module.convolutionScratch];
  lendGeometry(heap, g, (geometry) =>
    heap.scratch(scratchBytes(geometry), (scratch) =>
      gradient(geometry, heap.address(dy), heap.address(weight), heap.address(dx), scratch),
    ),
  );
  return dx;
}

/** The convolution of dy with the filter reversed that gives dx; there is one where the stride is 1. */
function mirroredGeometry(g: ConvolutionAttrs['geometry']): ConvolutionAttrs['geometry'] | undefined {
  const padTop = g.dilationHeight * (g.filterHeight - 1) - g.padTop;
  const padLeft = g.dilationWidth * (g.filterWidth - 1) - g.padLeft;
  if (g.strideHeight !== 1 || g.strideWidth !== 1 || padTop < 0 || padLeft < 0) return undefined;
  return {
    ...g,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    inChannels: g.outChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    outChannels: g.inChannels,
    padTop,
    padLeft,
  };
}

function convolveFlipped(
  heap: Heap,
  dy: Tensor,
  weight: Tensor,
  g: ConvolutionAttrs['geometry'],
  mirrored: ConvolutionAttrs['geometry'],
): Tensor {
  const taps = g.filterHeight * g.filterWidth;
  const flipped = heap.tensor([g.filterHeight, g.filterWidth, g.outChannels / g.groups, g.inChannels]);
  kernels
    .on(heap)
    .flipFilter(
      heap.address(weight),
      taps,
      g.inChannels / g.groups,
      g.outChannels / g.groups,
      g.groups,
      heap.address(flipped),
    );
  const dx = convolve(heap, dy, flipped, undefined, mirrored, 'linear', 0);
  flipped.dispose();
  return dx;
}

/** dz = dy act'(z), from y, and its sums over all positions, in one pass. */
function gradientOfSum(
  heap: Heap,
  y: Tensor,
  dy: Tensor,
  activation: FusedActivation,
  alpha: number,
  hasBias: boolean,
) {
  if (activation === 'linear' && !hasBias) return { dz: dy, db: undefined };
  const channels = y.shape[3]!;
  const dz = activation === 'linear' ? dy : heap.tensor(y.shape);
  const db = hasBias ? heap.tensor([channels]) : undefined;
  kernels
    .on(heap)
    .activationGradient(
      heap.address(y),
      heap.address(dy),
      heap.address(dz),
      db ? heap.address(db) : 0,
      channels === 0 ? 0 : y.size / channels,
      channels,
      ACTIVATION_CODES[activation],
      alpha,
    );
  return { dz, db };
}
