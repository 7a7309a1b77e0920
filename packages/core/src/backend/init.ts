import { engine, findBackend, findBackendFactory, ready, setBackend } from '@tensorflow/tfjs-core';
import { BackendError, ConfigError } from '../errors';
import '../memory/tensor-dispose';
import { type LeakTracker, trackLeaks } from '../memory/leaks';
import './gradients';
import { Heap } from './heap';
import { SIMD_NEEDED } from './kernel-module';
import { kernels } from './kernels';
import { registerKernels } from './overrides';
import { createWasmBackend } from './tfjs-wasm';

/** What `init` may be told. */
export interface InitOptions {
  /**
   * The tfjs backend to compute on: `wasm` with our kernels, or any other the application has installed and imported
   * (`cpu`, `webgl`, `webgpu`, `tensorflow`), on which the composed forms run.
   * @default 'wasm'
   */
  backend?: string;
  /**
   * Reports tensors that are lost without `dispose()`, with the line that made them; for development, see `trackLeaks`.
   * Stays as it is where it is not given.
   * @default false
   */
  leaks?: boolean;
}

/** What `init` found. */
export interface BackendInfo {
  backend: string;
  /** `relaxed`: fused multiply-add; `plain`: SIMD without it; undefined on other backends. */
  simd: 'relaxed' | 'plain' | undefined;
}

const pending = new Map<string, Promise<BackendInfo>>();
let leakTracker: LeakTracker | undefined;

/**
 * Gets the backend ready: once, before the first tensor. Needs no path, flag or file in Node, bundlers, workers or pages.
 *
 * On `wasm` it puts our kernels into the heap of tfjs's backend, over those of tfjs that are missing, wrong or slow;
 * every tfjs program of the process trains with them from then on. Calling it again, at the same time, or after another
 * user of tfjs has created the backend is fine.
 *
 * @throws BackendError where WebAssembly SIMD is missing or the backend cannot be created
 * @throws ConfigError where the named backend is not installed
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * const { backend, simd } = await init();
 * ```
 */
export async function init(options: InitOptions = {}): Promise<BackendInfo> {
  const name = options.backend ?? 'wasm';
  let start = pending.get(name);
  if (start === undefined) {
    start = name === 'wasm' ? startWasm() : startOther(name);
    pending.set(name, start);
    start.catch(() => pending.delete(name)); // a failed start may be tried again
  }
  const info = await start;
  if (engine().backendName !== name) await setBackend(name);
  if (name === 'wasm') registerKernels(); // each time: another copy of tfjs's backend may have put its kernels over ours
  if (options.leaks === true) leakTracker ??= trackLeaks();
  if (options.leaks === false) {
    leakTracker?.stop();
    leakTracker = undefined;
  }
  return info;
}

async function startWasm(): Promise<BackendInfo> {
  const simd = kernels.simd;
  if (simd === undefined) throw new BackendError(SIMD_NEEDED);
  await createWasmBackend();
  kernels.on(Heap.of(findBackend('wasm'))); // fails here, and not in the middle of training, if the heap is out of reach
  return { backend: 'wasm', simd };
}

async function startOther(name: string): Promise<BackendInfo> {
  if (findBackendFactory(name) == null) {
    throw new ConfigError(
      'init',
      `the backend '${name}' is not registered`,
      `npm i @tensorflow/tfjs-backend-${name}@4.22.0 and import '@tensorflow/tfjs-backend-${name}' before init()`,
    );
  }
  if (!(await setBackend(name))) throw new BackendError(`tfjs could not create its backend '${name}'`);
  await ready();
  return { backend: name, simd: undefined };
}
