import type { backend_util } from '@tensorflow/tfjs-core';
import type { Heap } from './heap';

/** The sizes of a convolution or pooling as tfjs works them out, in two dimensions or three. */
export type WindowInfo =
  | ReturnType<typeof backend_util.computeConv2DInfo>
  | ReturnType<typeof backend_util.computeConv3DInfo>;

/**
 * The sizes of a convolution or pooling: the fields of `Geometry` in `kernels/geometry.ts`, in their order. Tensors are
 * [batch, depth, height, width, channels]; those without a depth leave out its fields.
 */
export interface Geometry {
  batch: number;
  inDepth?: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outDepth?: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterDepth?: number;
  filterHeight: number;
  filterWidth: number;
  strideDepth?: number;
  strideHeight: number;
  strideWidth: number;
  dilationDepth?: number;
  dilationHeight: number;
  dilationWidth: number;
  padFront?: number;
  padTop: number;
  padLeft: number;
  /** Equal parts that the channels fall into. @default 1 */
  groups?: number;
}

/** Lends the sizes to a kernel, as tfjs works them out. */
export function withGeometry<T>(heap: Heap, info: WindowInfo, use: (address: number) => T): T {
  const { front = 0, top, left } = info.padInfo as { front?: number; top: number; left: number };
  return lendGeometry(
    heap,
    { ...info, batch: info.batchSize, padFront: front, padTop: top, padLeft: left, groups: 1 },
    use,
  );
}

/** Lends the sizes to a kernel: `use` gets their address in the heap. */
export function lendGeometry<T>(heap: Heap, g: Geometry, use: (address: number) => T): T {
  const fields = [
    g.batch,
    g.inDepth ?? 1,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outDepth ?? 1,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.filterDepth ?? 1,
    g.filterHeight,
    g.filterWidth,
    g.strideDepth ?? 1,
    g.strideHeight,
    g.strideWidth,
    g.dilationDepth ?? 1,
    g.dilationHeight,
    g.dilationWidth,
    g.padFront ?? 0,
    g.padTop,
    g.padLeft,
    g.groups ?? 1,
  ];
  return heap.scratch(fields.length * 4, (address) => {
    heap.words(address, fields.length).set(fields);
    return use(address);
  });
}
