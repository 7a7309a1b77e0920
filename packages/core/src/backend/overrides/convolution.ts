import {
  backend_util,
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type WindowInfo, withGeometry } from '../geometry';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Override } from '../override';

type Shape3 = [number, number, number];
type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Rounding = Parameters<typeof backend_util.computeConv2DInfo>[5];

const allFloat = (inputs: NamedTensorInfoMap) => Object.values(inputs).every((tensor) => tensor?.dtype === 'float32');

/**
 * The gradients of convolutions. tfjs hands them no dilation; our own gradients do, as the attribute `dilations`.
 */
export const convolution: readonly Override[] = [
  {
    name: 'Conv2DBackpropFilter',
    reason: 'missing',
    error: '1e-6 relative to |x| |dy|',
    supports: allFloat,
    run: ({ inputs: { x, dy }, attrs, heap }) =>
      channelsLast(attrs, [x!, dy!], ([x, dy]) => {
        const filterShape = attrs.filterShape as Shape4;
        return convolutionFilter(heap, x!, dy!, filterShape, conv2dInfo(x!.shape as Shape4, filterShape, attrs));
      }),
  },
  {
    name: 'Conv2DBackpropInput',
    reason: 'slow',
    error: '1e-6 relative to |dy| |w|',
    supports: allFloat,
    run: ({ inputs: { dy, filter }, attrs, heap }) => {
      const inputShape = attrs.inputShape as Shape4;
      const isFirst = attrs.dataFormat === 'NCHW';
      const shape = isFirst ? permuted(inputShape, TO_LAST) : inputShape;
      const info = conv2dInfo(shape as Shape4, filter!.shape as Shape4, attrs);
      const dx = channelsLast(attrs, [dy!], ([dy]) => convolutionInput(heap, dy!, filter!, shape, info));
      if (!isFirst) return dx;
      const out = transposed(dx, TO_FIRST);
      free(dx);
      return out;
    },
  },
  {
    // tfjs's two gradients of conv3d are wrong in most geometries, those with strides or padding among them.
    name: 'Conv3DBackpropInputV2',
    reason: 'wrong',
    error: '1e-6 relative to |dy| |w|',
    supports: allFloat,
    run({ inputs: { dy, filter }, attrs, heap }) {
      const shape = attrs.inputShape as Shape5;
      return convolutionInput(heap, dy!, filter!, shape, conv3dInfo(shape, filter!.shape as Shape5, attrs));
    },
  },
  {
    name: 'Conv3DBackpropFilterV2',
    reason: 'wrong',
    error: '1e-6 relative to |x| |dy|',
    supports: allFloat,
    run({ inputs: { x, dy }, attrs, heap }) {
      const filterShape = attrs.filterShape as Shape5;
      return convolutionFilter(heap, x!, dy!, filterShape, conv3dInfo(x!.shape as Shape5, filterShape, attrs));
    },
  },
  {
    name: 'DepthwiseConv2dNativeBackpropFilter',
    reason: 'missing',
    error: '1e-6 relative to |x| |dy|',
    supports: allFloat,
    run({ inputs: { x, dy }, attrs, heap }) {
      const filterShape = attrs.filterShape as Shape4;
      const dw = heap.allocate(filterShape);
      const { depthwiseFilterGradient, depthwiseScratch } = kernels.on(heap);
      withGeometry(heap, conv2dInfo(x!.shape as Shape4, filterShape, attrs, true), (geometry) =>
        heap.scratch(depthwiseScratch(geometry), (scratch) =>
          depthwiseFilterGradient(geometry, heap.address(x!), heap.address(dy!), heap.address(dw), scratch),
        ),
      );
      return dw;
    },
  },
  {
    name: 'DepthwiseConv2dNativeBackpropInput',
    reason: 'missing',
    error: '1e-6 relative to |dy| |w|',
    supports: allFloat,
    run({ inputs: { dy, filter }, attrs, heap }) {
      const inputShape = attrs.inputShape as Shape4;
      const dx = heap.allocate(inputShape);
      const { depthwiseInputGradient, depthwiseScratch } = kernels.on(heap);
      withGeometry(heap, conv2dInfo(inputShape, filter!.shape as Shape4, attrs, true), (geometry) =>
        heap.scratch(depthwiseScratch(geometry), (scratch) =>
          depthwiseInputGradient(geometry, heap.address(dy!), heap.address(filter!), heap.address(dx), scratch),
        ),
      );
      return dx;
    },
  },
];

function convolutionFilter(heap: Heap, x: TensorInfo, dy: TensorInfo, shape: readonly number[], info: WindowInfo) {
  const dw = heap.allocate(shape);
  const { convolutionFilterGradient: gradient, convolutionFilterGradientScratch: bytes } = kernels.on(heap);
  withGeometry(heap, info, (geometry) =>
    heap.scratch(bytes(geometry), (scratch) =>
      gradient(geometry, heap.address(x), heap.address(dy), heap.address(dw), scratch),
    ),
  );
  return dw;
}

function convolutionInput(heap: Heap, dy: TensorInfo, filter: TensorInfo, shape: readonly number[], info: WindowInfo) {
  const dx = heap.allocate(shape);
  const { convolutionInputGradient: gradient, convolutionInputGradientScratch: bytes } = kernels.on(heap);
  withGeometry(heap, info, (geometry) =>
    heap.scratch(bytes(geometry), (scratch) =>
      gradient(geometry, heap.address(dy), heap.address(filter), heap.address(dx), scratch),
    ),
  );
  return dx;
}

function conv2dInfo(input: Shape4, filter: Shape4, attrs: NamedAttrMap, depthwise = false): WindowInfo {
  const { strides, dilations = 1, pad, dimRoundingMode } = attrs;
  return backend_util.computeConv2DInfo(
    input,
    filter,
    strides as [number, number],
    dilations as [number, number],
    pad as Pad,
    dimRoundingMode as Rounding,
    depthwise,
  );
}

function conv3dInfo(input: Shape5, filter: Shape5, { strides, pad }: NamedAttrMap): WindowInfo {
  return backend_util.computeConv3DInfo(input, filter, strides as Shape3, 1, pad as 'same');
}

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

/** Runs with the tensors in the order batch, height, width, channels, whatever order they have. */
function channelsLast(
  attrs: NamedAttrMap,
  tensors: TensorInfo[],
  run: (tensors: TensorInfo[]) => TensorInfo,
): TensorInfo {
  if (attrs.dataFormat !== 'NCHW') return run(tensors);
  const copies = tensors.map((tensor) => transposed(tensor, TO_LAST));
  try {
    return run(copies);
  } finally {
    copies.forEach(free);
  }
}

function transposed(x: TensorInfo, perm: number[]): TensorInfo {
  const { kernelFunc } = getKernel('Transpose', 'wasm');
  return kernelFunc({ inputs: { x }, attrs: { perm }, backend: engine().backend }) as TensorInfo;
}

function permuted(shape: readonly number[], perm: readonly number[]): number[] {
  return perm.map((axis) => shape[axis]!);
}

function free(tensor: TensorInfo): void {
  engine().backend.disposeData(tensor.dataId);
}
