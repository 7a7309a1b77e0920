import type { backend_util } from '@tensorflow/tfjs-core';
import type { Heap } from './heap';

/** The sizes of a convolution or pooling as tfjs works them out, in two dimensions or three. */
export type WindowInfo =
  | ReturnType<typeof backend_util.computeConv2DInfo>
  | ReturnType<typeof backend_util.computeConv3DInfo>;

/** Lends the sizes to a kernel: the fields of `Geometry` in `kernels/geometry.ts`, in their order. */
export function withGeometry<T>(heap: Heap, info: WindowInfo, use: (address: number) => T): T {
  const depth = 'inDepth' in info;
  const fields = [
    info.batchSize,
    depth ? info.inDepth : 1,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    depth ? info.outDepth : 1,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    depth ? info.filterDepth : 1,
    info.filterHeight,
    info.filterWidth,
    depth ? info.strideDepth : 1,
    info.strideHeight,
    info.strideWidth,
    depth ? info.dilationDepth : 1,
    info.dilationHeight,
    info.dilationWidth,
    depth ? info.padInfo.front : 0,
    info.padInfo.top,
    info.padInfo.left,
  ];
  return heap.scratch(fields.length * 4, (address) => {
    heap.words(address, fields.length).set(fields);
    return use(address);
  });
}
