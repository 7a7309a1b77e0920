import { BackendError } from '../errors';
import { decodeBase64 } from './base64';
import { importSharedMemory, isShared } from './shared-memory';

/** The two builds of one kernel module, as `dl-kernels` writes them: base64 of a WebAssembly binary. */
export interface KernelBinaries {
  plain: string;
  relaxed: string;
}

/** Memory that kernels can work in: the heap of tfjs, or one of a package's own. */
export interface KernelMemory {
  readonly memory: WebAssembly.Memory;
  /** Sets bytes aside for good, and gives their address, which is a multiple of 16 or followed by 16 bytes more. */
  reserve(bytes: number): number;
}

interface ConstantExports {
  constantsSize?: () => number;
  useConstants?: (address: number) => void;
}

/**
 * A WebAssembly module of kernels that works inside the heap of tfjs, or another memory. Compiled at first use,
 * instantiated once a memory.
 *
 * @example
 * ```ts
 * import { binaries, type Kernels } from './kernels.generated';
 * const kernels = new KernelModule<Kernels>(binaries);
 * kernels.on(heap).tanh(heap.address(x), heap.address(y), x.size);
 * ```
 */
export class KernelModule<Kernels> {
  readonly #binaries: KernelBinaries;
  readonly #compiled = new Map<boolean, WebAssembly.Module>();
  readonly #instances = new WeakMap<KernelMemory, Kernels>();

  constructor(binaries: KernelBinaries) {
    this.#binaries = binaries;
  }

  /** The kernels, working on this memory. */
  on(heap: KernelMemory): Kernels {
    let kernels = this.#instances.get(heap);
    if (kernels === undefined) {
      const instance = new WebAssembly.Instance(this.#module(isShared(heap.memory)), { env: { memory: heap.memory } });
      kernels = instance.exports as Kernels;
      const { constantsSize, useConstants } = kernels as ConstantExports;
      if (constantsSize && useConstants) useConstants(heap.reserve(constantsSize()));
      this.#instances.set(heap, kernels);
    }
    return kernels;
  }

  /** Which build this engine runs: fused multiply-add, plain SIMD, or none. */
  get simd(): 'relaxed' | 'plain' | undefined {
    if (WebAssembly.validate(decodeBase64(this.#binaries.relaxed))) return 'relaxed';
    return WebAssembly.validate(decodeBase64(this.#binaries.plain)) ? 'plain' : undefined;
  }

  #module(shared: boolean): WebAssembly.Module {
    let module = this.#compiled.get(shared);
    if (module === undefined) {
      const simd = this.simd;
      if (simd === undefined) throw new BackendError(SIMD_NEEDED);
      const binary = decodeBase64(this.#binaries[simd]);
      module = new WebAssembly.Module(shared ? importSharedMemory(binary) : binary);
      this.#compiled.set(shared, module);
    }
    return module;
  }
}

/** What to say where this engine has no WebAssembly SIMD. */
export const SIMD_NEEDED =
  "the backend 'wasm' needs WebAssembly SIMD (Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or later), " +
  "which this engine lacks: update it, or use init({ backend: 'cpu' }), which is slow";
