import { type DataType, engine, type KernelBackend, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';

/**
 * What is read of tfjs's WASM backend. `wasm.asm` (plain build) and `wasm.wasmMemory` (threaded build) are private
 * to tfjs 4.22.0; this file is the only one that knows of them.
 */
interface WasmBackend extends KernelBackend {
  wasm: {
    asm?: { memory?: unknown };
    wasmMemory?: unknown;
    _malloc(bytes: number): number;
    _free(address: number): void;
    tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
  };
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number; shape: number[]; refCount: number } };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
}

/** Scratch regions up to this size stay allocated; larger ones go back to the heap after each use. */
const KEPT_SCRATCH_BYTES = 16 << 20;

const heaps = new WeakMap<KernelBackend, Heap>();

/**
 * The heap of tfjs's WASM backend, seen from our kernels: addresses of tensors, new outputs, scratch memory.
 *
 * Addresses stay valid when the memory grows; typed-array views do not, so none is kept here.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #backend: WasmBackend;
  #scratch = 0;
  #scratchBytes = 0;
  #scratchUsed = 0;

  private constructor(backend: WasmBackend) {
    const memory = backend.wasm?.wasmMemory ?? backend.wasm?.asm?.memory;
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new BackendError(
        "tfjs's WASM heap cannot be reached: @dl/core works with @tensorflow/tfjs-backend-wasm 4.22.0; " +
          'install that version (npm ls @tensorflow/tfjs-backend-wasm shows what is there)',
      );
    }
    this.memory = memory;
    this.#backend = backend;
  }

  /** The heap of a WASM backend instance; one a backend. */
  static of(backend: KernelBackend): Heap {
    let heap = heaps.get(backend);
    if (heap === undefined) {
      heap = new Heap(backend as WasmBackend);
      heaps.set(backend, heap);
    }
    return heap;
  }

  /** Byte address of a tensor's first element. */
  address(tensor: TensorInfo): number {
    return this.#backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** Whether other tensors (clones, reshapes) lie in the same memory: a kernel that writes into it changes them too. */
  isShared(tensor: TensorInfo): boolean {
    return this.#backend.dataIdMap.get(tensor.dataId).refCount > 1;
  }

  /** The same tensor once more, in the same memory. */
  share({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    this.#backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Reserves memory for the output of a kernel; its contents are undefined. */
  allocate(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
    const info = this.#backend.makeOutput(shape as number[], dtype);
    if (this.address(info) === 0 && shape.every((size) => size > 0)) {
      this.#backend.disposeData(info.dataId, true);
      throw outOfMemory(shape.reduce((a, b) => a * b, 4));
    }
    return info;
  }

  /** Like `allocate`, as a tensor that the engine tracks: for the kernels of `defineOp`. */
  tensor(shape: readonly number[], dtype: DataType = 'float32'): Tensor {
    return engine().makeTensorFromTensorInfo(this.allocate(shape, dtype), this.#backend);
  }

  /**
   * Lends `bytes` of scratch memory, 16-byte aligned, for the time of `use`. Calls may nest. The contents are undefined.
   */
  scratch<T>(bytes: number, use: (address: number) => T): T {
    const size = (bytes + 15) & ~15;
    if (this.#scratchUsed + size <= this.#scratchBytes) return this.#lend(size, use);
    if (this.#scratchUsed === 0 && size <= KEPT_SCRATCH_BYTES) {
      // Nothing is lent: replace the region by one that fits, with room to grow.
      if (this.#scratch !== 0) this.#backend.wasm._free(this.#scratch);
      this.#scratchBytes = Math.min(KEPT_SCRATCH_BYTES, Math.max(1 << 16, size * 2));
      this.#scratch = this.reserve(this.#scratchBytes);
      return this.#lend(size, use);
    }
    const address = this.reserve(size);
    try {
      return use(aligned(address));
    } finally {
      this.#backend.wasm._free(address);
    }
  }

  #lend<T>(size: number, use: (address: number) => T): T {
    const address = aligned(this.#scratch) + this.#scratchUsed;
    this.#scratchUsed += size;
    try {
      return use(address);
    } finally {
      this.#scratchUsed -= size;
    }
  }

  /** Reserves memory for as long as the backend lives; 16 bytes more than asked, for alignment. */
  reserve(bytes: number): number {
    const address = this.#backend.wasm._malloc(bytes + 16) >>> 0;
    if (address === 0) throw outOfMemory(bytes);
    return address;
  }

  /**
   * Must be called after a kernel has written into an existing tensor: XNNPACK keeps packed copies of the weights it
   * has seen, by tensor id, and would go on using the old values.
   */
  written(tensor: TensorInfo): void {
    const { id, memoryOffset, shape } = this.#backend.dataIdMap.get(tensor.dataId);
    this.#backend.wasm.tfjs.disposeData(id);
    this.#backend.wasm.tfjs.registerTensor(
      id,
      shape.reduce((a, b) => a * b, 1),
      memoryOffset,
    );
  }

  /** The heap as 32-bit integers, for tables of addresses; do not keep it across anything that may allocate. */
  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, count);
  }

  /** The heap as floats; do not keep it across anything that may allocate. */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16;
}

function outOfMemory(bytes: number): BackendError {
  return new BackendError(
    `out of WASM memory: ${(bytes / 2 ** 20).toFixed(1)} MiB more do not fit into the 4 GiB heap; ` +
      'use a smaller batch, or dispose tensors that are no longer needed (memory() counts them)',
  );
}
