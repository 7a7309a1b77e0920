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
import type { ConvolutionAlgorithm } from './convolution-plan';
import { gatherTaps, scatterTaps } from './gather-taps';

const FAST: Record<ConvolutionAlgorithm, 0 | 1> = { auto: 1, direct: 0 };

type Sizes = Pick<ConvolutionAttrs, 'geometry' | 'sides' | 'algorithm'>;

/** The sizes of a convolution, all worked out: images are [batch, height, width, channels]. */
export interface ConvolutionAttrs {
  geometry: Geometry & { groups: number };
  /** Zeros around the image; `geometry` has those at top and left too. */
  sides: Sides;
  algorithm: ConvolutionAlgorithm;
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
  kernel: ({ x, weight, bias }, attrs, heap) => convolve(heap, x, weight, bias, attrs),
  backwardKernel: ({ x, weight, y, dy }, attrs, heap) => {
    const { dz, db } = gradientOfSum(heap, y, dy, attrs);
    return {
      x: () => inputGradientKernel(heap, dz, weight, attrs),
      weight: () => filterGradientKernel(heap, x, dz, attrs),
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
  forward: ({ x, weight, bias }: Inputs, { geometry: g, sides }: Sizes) => {
    const image = inputGradient(x, weight, g, sides);
    return bias ? add(image, bias) : image;
  },
  backward: ({ x, weight, dy }, { geometry: g, sides }) => ({
    x: () => patchesTimes(dy, weight, g, sides),
    weight: () => filterGradient(dy, x, g, sides),
    bias: () => sum(dy, [0, 1, 2]),
  }),
  kernel: ({ x, weight, bias }, sizes, heap) => {
    const image = inputGradientKernel(heap, x, weight, sizes);
    if (!bias) return image;
    const y = add(image, bias);
    image.dispose();
    return y;
  },
  backwardKernel: ({ x, weight, dy }, sizes, heap) => ({
    x: () => convolve(heap, dy, weight, undefined, { ...sizes, activation: 'linear', alpha: 0 }),
    weight: () => filterGradientKernel(heap, dy, x, sizes),
    bias: () => sum(dy, [0, 1, 2]),
  }),
});

/** dL/dW of `convolution`, from x and dL/dy: linear in both. */
export const convolutionFilterGradient = defineOp({
  name: 'convolutionFilterGradient',
  error: '2e-6 relative to |x| |dy|',
  saves: ['x', 'of'],
  forward: ({ x, of }: { x: Tensor; of: Tensor }, { geometry: g, sides }: Sizes) => filterGradient(x, of, g, sides),
  backward: ({ x, of, dy }, { geometry: g, sides }) => ({
    x: () => inputGradient(of, dy, g, sides),
    of: () => patchesTimes(x, dy, g, sides),
  }),
  kernel: ({ x, of }, sizes, heap) => filterGradientKernel(heap, x, of, sizes),
  backwardKernel: ({ x, of, dy }, sizes, heap) => ({
    x: () => inputGradientKernel(heap, of, dy, sizes),
    of: () => convolve(heap, x, dy, undefined, { ...sizes, activation: 'linear', alpha: 0 }),
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
  {
    geometry: g,
    activation,
    alpha,
    algorithm,
  }: Pick<ConvolutionAttrs, 'geometry' | 'activation' | 'alpha' | 'algorithm'>,
): Tensor {
  const y = heap.tensor([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const { convolution: kernel, convolutionScratch, depthwise } = kernels.on(heap);
  const [w, b] = [heap.address(weight), bias ? heap.address(bias) : 0];
  const [code, fast] = [ACTIVATION_CODES[activation], FAST[algorithm]];
  lendGeometry(heap, g, (geometry) => {
    if (isDepthwise(g) && g.outChannels === g.inChannels) {
      depthwise(geometry, heap.address(x), w, b, code, alpha, heap.address(y));
      return;
    }
    heap.scratch(convolutionScratch(geometry, fast), (scratch) =>
      kernel(geometry, heap.address(x), w, b, code, alpha, heap.address(y), fast, scratch),
    );
  });
  return y;
}

function filterGradientKernel(heap: Heap, x: Tensor, dy: Tensor, { geometry: g, algorithm }: Sizes): Tensor {
  const dw = heap.tensor(weightShape(g));
  const module = kernels.on(heap);
  const [from, by, to] = [heap.address(x), heap.address(dy), heap.address(dw)];
  lendGeometry(heap, g, (geometry) => {
    if (isDepthwise(g)) {
      heap.scratch(module.depthwiseScratch(geometry), (scratch) =>
        module.depthwiseFilterGradient(geometry, from, by, to, scratch),
      );
      return;
    }
    const fast = FAST[algorithm];
    heap.scratch(module.convolutionFilterGradientScratch(geometry, fast), (scratch) =>
      module.convolutionFilterGradient(geometry, from, by, to, fast, scratch),
    );
  });
  return dw;
}

function inputGradientKernel(heap: Heap, dy: Tensor, weight: Tensor, { geometry: g, algorithm }: Sizes): Tensor {
  const dx = heap.tensor([g.batch, g.inHeight, g.inWidth, g.inChannels]);
  const module = kernels.on(heap);
  const [from, by, to] = [heap.address(dy), heap.address(weight), heap.address(dx)];
  lendGeometry(heap, g, (geometry) => {
    if (isDepthwise(g)) {
      heap.scratch(module.depthwiseScratch(geometry), (scratch) =>
        module.depthwiseInputGradient(geometry, from, by, to, scratch),
      );
      return;
    }
    const fast = FAST[algorithm];
    heap.scratch(module.convolutionInputGradientScratch(geometry, fast), (scratch) =>
      module.convolutionInputGradient(geometry, from, by, to, fast, scratch),
    );
  });
  return dx;
}

/** dz = dy act'(z), from y, and its sums over all positions, in one pass. */
function gradientOfSum(heap: Heap, y: Tensor, dy: Tensor, { activation, alpha, hasBias }: ConvolutionAttrs) {
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
