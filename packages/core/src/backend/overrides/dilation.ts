import { backend_util, type NamedAttrMap, type NamedTensorInfoMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { withGeometry } from '../geometry';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Override } from '../override';

type Dilation2D = Parameters<typeof backend_util.computeDilation2DInfo>;

const ofOneType = (inputs: NamedTensorInfoMap) => {
  const types = Object.values(inputs).map((tensor) => tensor!.dtype);
  return ['float32', 'int32'].includes(types[0]!) && types.every((type) => type === types[0]);
};

/** tfjs's kernels give wrong values, forward and backward. */
export const dilation: readonly Override[] = [
  {
    name: 'Dilation2D',
    reason: 'wrong',
    error: 'exact',
    supports: ofOneType,
    run({ inputs: { x, filter }, attrs, heap }) {
      const { dilation2d, dilation2dOfIntegers } = kernels.on(heap);
      const info = infoOf(x!, filter!, attrs);
      const y = heap.allocate(info.outShape, x!.dtype);
      const kernel = x!.dtype === 'int32' ? dilation2dOfIntegers : dilation2d;
      withGeometry(heap, info, (geometry) =>
        kernel(geometry, heap.address(x!), heap.address(filter!), heap.address(y)),
      );
      return y;
    },
  },
  {
    name: 'Dilation2DBackpropInput',
    reason: 'wrong',
    error: 'exact',
    supports: ofOneType,
    run({ inputs, attrs, heap }) {
      const { dilation2dInputGradient, dilation2dInputGradientOfIntegers } = kernels.on(heap);
      const integers = inputs.x!.dtype === 'int32';
      return gradient(
        heap,
        inputs,
        attrs,
        inputs.x!.shape,
        integers ? dilation2dInputGradientOfIntegers : dilation2dInputGradient,
      );
    },
  },
  {
    name: 'Dilation2DBackpropFilter',
    reason: 'wrong',
    error: 'exact',
    supports: ofOneType,
    run({ inputs, attrs, heap }) {
      const { dilation2dFilterGradient, dilation2dFilterGradientOfIntegers } = kernels.on(heap);
      const integers = inputs.x!.dtype === 'int32';
      return gradient(
        heap,
        inputs,
        attrs,
        inputs.filter!.shape,
        integers ? dilation2dFilterGradientOfIntegers : dilation2dFilterGradient,
      );
    },
  },
];

function gradient(
  heap: Heap,
  { x, filter, dy }: NamedTensorInfoMap,
  attrs: NamedAttrMap,
  shape: readonly number[],
  kernel: (geometry: number, x: number, filter: number, dy: number, out: number) => void,
): TensorInfo {
  const out = heap.allocate(shape, x!.dtype);
  withGeometry(heap, infoOf(x!, filter!, attrs), (geometry) =>
    kernel(geometry, heap.address(x!), heap.address(filter!), heap.address(dy!), heap.address(out)),
  );
  return out;
}

function infoOf(x: TensorInfo, filter: TensorInfo, { strides, pad, dilations }: NamedAttrMap) {
  return backend_util.computeDilation2DInfo(
    x.shape as Dilation2D[0],
    filter.shape as Dilation2D[1],
    strides as Dilation2D[2],
    pad as Dilation2D[3],
    'NHWC',
    dilations as Dilation2D[5],
  );
}
