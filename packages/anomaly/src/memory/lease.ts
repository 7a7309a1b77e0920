import { BackendError } from '@dl/core';
import type { KernelMemory } from '@dl/core/ops';

const PAGE = 65536;
const MOST_PAGES = 65536; // 4 GiB
const GROW_PAGES = 256; // by 16 MiB at least

/** A memory of the package's own: a stack of regions, each lent for the time of a call. It grows as needed. */
class OwnMemory implements KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  /** Bytes in use, from the bottom. */
  used = 1024; // nothing lies at address 0, which kernels take for "none"

  /** Takes bytes from the top of the stack. */
  take(bytes: number): number {
    const address = this.used;
    const end = address + Math.ceil(bytes / 16) * 16;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE), bytes);
    this.used = end;
    return address;
  }

  /** Only before anything is lent: what is reserved stays. */
  reserve(bytes: number): number {
    return this.take(bytes);
  }

  #grow(pages: number, bytes: number): void {
    for (const more of [Math.max(pages, GROW_PAGES), pages]) {
      try {
        this.memory.grow(more);
        return;
      } catch {
        // too much at once, or at all
      }
    }
    throw new BackendError(
      `out of memory: ${(bytes / 2 ** 20).toFixed(1)} MiB more do not fit into the 4 GiB of WebAssembly; ` +
        'fit on a sample of the rows, or score fewer rows at a time',
    );
  }
}

/** The memory that the kernels of this package work in. */
export const ownMemory = new OwnMemory();

/** Numbers that kernels read. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** Takes regions of the memory; all are given back when the call that lent them ends. */
export interface Lease {
  /** The address of `bytes` bytes with undefined contents, a multiple of 16. */
  bytes(bytes: number): number;
  /** The address of a copy of these numbers. */
  put(numbers: Numbers): number;
  /** Writes numbers to an address. */
  write(address: number, numbers: Numbers): void;
  /** A copy of float64 numbers that a kernel has written. */
  float64(address: number, count: number): Float64Array<ArrayBuffer>;
  /** Float32 numbers in place; not to be kept across anything that may take memory. */
  view(address: number, count: number): Float32Array<ArrayBuffer>;
  /** A copy of int32 numbers that a kernel has written. */
  int32(address: number, count: number): Int32Array<ArrayBuffer>;
}

const lease: Lease = {
  bytes: (bytes) => ownMemory.take(bytes),
  put(numbers) {
    const address = ownMemory.take(numbers.byteLength);
    lease.write(address, numbers);
    return address;
  },
  write(address, numbers) {
    new Uint8Array(ownMemory.memory.buffer, address, numbers.byteLength).set(
      new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
    );
  },
  float64: (address, count) => new Float64Array(ownMemory.memory.buffer, address, count).slice(),
  view: (address, count) => new Float32Array(ownMemory.memory.buffer, address, count),
  int32: (address, count) => new Int32Array(ownMemory.memory.buffer, address, count).slice(),
};

/** Lends memory for the time of `use`. Calls may nest. */
export function lend<T>(use: (lease: Lease) => T): T {
  const before = ownMemory.used;
  try {
    return use(lease);
  } finally {
    ownMemory.used = before;
  }
}
