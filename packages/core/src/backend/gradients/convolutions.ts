import {
  engine,
  type GradConfig,
  getKernel,
  type NamedAttrMap,
  pad,
  reshape,
  slice,
  type Tensor,
} from '@tensorflow/tfjs-core';

type Size4 = [number, number, number, number];

/** The kernels of a convolution and of its two gradients. */
interface Family {
  forward: string;
  input: string;
  filter: string;
}

const conv2d: Family = { forward: 'Conv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' };
const depthwise: Family = {
  forward: 'DepthwiseConv2dNative',
  input: 'DepthwiseConv2dNativeBackpropInput',
  filter: 'DepthwiseConv2dNativeBackpropFilter',
};

/**
 * Convolutions with any dilation. tfjs refuses a dilation greater than 1, and differentiates most of these only once.
 *
 * `y = x * w`, `dx = input(dy, w)` and `dw = filter(x, dy)` are linear in each argument, and the gradient of each of the
 * three by an argument is another of the three.
 */
export const convolutions: readonly GradConfig[] = [conv2d, depthwise].flatMap((family) => [
  {
    kernelName: family.forward,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, [x, w], attrs) => ({
      x: () => toInput(family, x!.shape, dy as Tensor, w!, attrs),
      filter: () => toFilter(family, x!, dy as Tensor, w!.shape, attrs),
    }),
  },
  {
    kernelName: family.input,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, [dy, w], attrs) => ({
      dy: () => convolve(family, ddx as Tensor, w!, attrs),
      filter: () => toFilter(family, ddx as Tensor, dy!, w!.shape, attrs),
    }),
  },
  {
    kernelName: family.filter,
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddw, [x, dy], attrs) => ({
      x: () => toInput(family, x!.shape, dy!, ddw as Tensor, attrs),
      dy: () => convolve(family, x!, ddw as Tensor, attrs),
    }),
  },
]);

function convolve(family: Family, x: Tensor, w: Tensor, attrs: NamedAttrMap): Tensor {
  return engine().runKernel(family.forward, { x, filter: w }, { ...attrs, dilations: dilationsOf(attrs) });
}

function toInput(family: Family, inputShape: number[], dy: Tensor, w: Tensor, attrs: NamedAttrMap): Tensor {
  const dilations = dilationsOf(attrs);
  const run = (filter: Tensor, dilations: number[]): Tensor =>
    engine().runKernel(family.input, { dy, filter }, { ...attrs, dilations, inputShape });
  return takesDilations(family, dilations) ? run(w, dilations) : run(spread(w, dilations), [1, 1]);
}

function toFilter(family: Family, x: Tensor, dy: Tensor, filterShape: number[], attrs: NamedAttrMap): Tensor {
  const dilations = dilationsOf(attrs);
  const run = (filterShape: number[], dilations: number[]): Tensor =>
    engine().runKernel(family.filter, { x, dy }, { ...attrs, dilations, filterShape });
  if (takesDilations(family, dilations)) return run(filterShape, dilations);
  const [height, width, ...channels] = filterShape as Size4;
  const whole = [spreadSize(height, dilations[0]), spreadSize(width, dilations[1]), ...channels];
  return gathered(run(whole, [1, 1]), filterShape as Size4, dilations);
}

function dilationsOf({ dilations = 1 }: NamedAttrMap): [number, number] {
  return typeof dilations === 'number' ? [dilations, dilations] : (dilations as [number, number]);
}

/** tfjs's kernels take no dilation; ours do, and on 'wasm' only we have the filter's. */
function takesDilations(family: Family, dilations: [number, number]): boolean {
  const isPlain = dilations[0] === 1 && dilations[1] === 1;
  return isPlain || (engine().backendName === 'wasm' && getKernel(family.filter, 'wasm') !== undefined);
}

/** The dilated filter as a filter without dilation: zeros between its taps. */
function spread(w: Tensor, dilations: [number, number]): Tensor {
  const [height, width, a, b] = w.shape as Size4;
  const [dh, dw] = dilations;
  const padded = pad(reshape(w, [height, 1, width, 1, a * b]), after(0, dh - 1, 0, dw - 1, 0));
  const whole = reshape(padded, [height * dh, width * dw, a, b]);
  return slice(whole, [0, 0, 0, 0], [spreadSize(height, dh), spreadSize(width, dw), a, b]);
}

/** The taps of a filter that `spread` has spread: its inverse, and its transpose. */
function gathered(whole: Tensor, shape: Size4, dilations: [number, number]): Tensor {
  const [height, width, a, b] = shape;
  const [dh, dw] = dilations;
  const padded = pad(whole, after(dh - 1, dw - 1, 0, 0));
  const split = reshape(padded, [height, dh, width, dw, a * b]);
  return reshape(slice(split, [0, 0, 0, 0, 0], [height, 1, width, 1, a * b]), shape);
}

function after(...counts: number[]): [number, number][] {
  return counts.map((count) => [0, count]);
}

function spreadSize(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}
