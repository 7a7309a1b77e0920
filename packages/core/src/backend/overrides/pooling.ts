import { backend_util, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { type WindowInfo, withGeometry } from '../geometry';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Override } from '../override';

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];
type Pool2D = Parameters<typeof backend_util.computePool2DInfo>;
type Pool3D = Parameters<typeof backend_util.computePool3DInfo>;

export const pooling: readonly Override[] = [
  {
    // tfjs loses the gradient of windows without a positive value, and gives that of equal maxima to the last.
    name: 'MaxPoolGrad',
    reason: 'wrong',
    error: 'exact',
    supports: ({ input, dy }) => input!.dtype === 'float32' && dy!.dtype === 'float32',
    run: ({ inputs: { input, dy }, attrs, heap }) =>
      maxPoolGradient(heap, input!, dy!, pool2dInfo(input!.shape as Shape4, attrs)),
  },
  {
    name: 'MaxPool3DGrad',
    reason: 'wrong',
    error: 'exact',
    supports: ({ input, dy }) => input!.dtype === 'float32' && dy!.dtype === 'float32',
    run: ({ inputs: { input, dy }, attrs, heap }) =>
      maxPoolGradient(heap, input!, dy!, pool3dInfo(input!.shape as Shape5, attrs)),
  },
];

function maxPoolGradient(heap: Heap, x: TensorInfo, dy: TensorInfo, info: WindowInfo): TensorInfo {
  const dx = heap.allocate(x.shape);
  withGeometry(heap, info, (geometry) =>
    kernels.on(heap).maxPoolGradient(geometry, heap.address(x), heap.address(dy), heap.address(dx)),
  );
  return dx;
}

function pool2dInfo(shape: Shape4, { filterSize, strides, pad, dimRoundingMode }: NamedAttrMap): WindowInfo {
  return backend_util.computePool2DInfo(
    shape,
    filterSize as Pool2D[1],
    strides as Pool2D[2],
    1,
    pad as Pool2D[4],
    dimRoundingMode as Pool2D[5],
  );
}

function pool3dInfo(shape: Shape5, { filterSize, strides, pad, dimRoundingMode }: NamedAttrMap): WindowInfo {
  return backend_util.computePool3DInfo(
    shape,
    filterSize as Pool3D[1],
    strides as Pool3D[2],
    1,
    pad as Pool3D[4],
    dimRoundingMode as Pool3D[5],
  );
}
