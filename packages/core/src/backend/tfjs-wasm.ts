import { engine, env, setBackend } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import { decodeBase64 } from './base64';
import { processWide } from './process-wide';

const creation = processWide('wasm backend', (): { done?: Promise<void> } => ({}));

/**
 * Makes `wasm` the backend of tfjs, from a binary that travels in this package instead of a file somewhere beside the
 * bundle. Where another user of tfjs has created the backend already, that one is used.
 */
export function createWasmBackend(): Promise<void> {
  creation.done ??= create().catch((error: unknown) => {
    delete creation.done;
    throw error;
  });
  return creation.done;
}

async function create(): Promise<void> {
  if (!('wasm' in engine().registry)) await locateBinary();
  if (!(await withoutNewCrashListeners(() => setBackend('wasm')))) {
    throw new BackendError("tfjs could not create its backend 'wasm': its warning above says why");
  }
}

async function locateBinary(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  // The threaded build does not survive minification, and its threads do not make tfjs's kernels faster.
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const { tfjsWasm } = await import('./tfjs-wasm.generated');
  const packed = new Blob([decodeBase64(tfjsWasm)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const url = URL.createObjectURL(new Blob([await new Response(packed).arrayBuffer()], { type: 'application/wasm' }));
  const file = 'tfjs-backend-wasm';
  try {
    setWasmPaths({ [`${file}.wasm`]: url, [`${file}-simd.wasm`]: url, [`${file}-threaded-simd.wasm`]: url }, true);
  } catch (cause) {
    throw new BackendError(
      "tfjs has tried to load its backend 'wasm' before and failed, and does not try again: call init() of @dl/core first",
      { cause },
    );
  }
}

const crashEvents = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * In Node the loader that Emscripten writes rethrows every uncaught error of the program from listeners of its own,
 * which hides the real stack and makes `process.on('unhandledRejection')` of the program useless: takes them off again.
 */
async function withoutNewCrashListeners<T>(load: () => Promise<T>): Promise<T> {
  const process = (globalThis as { process?: NodeJS.Process }).process;
  if (process?.listeners === undefined) return load();
  const listeners = (event: (typeof crashEvents)[number]) =>
    process.listeners(event as 'uncaughtException') as (() => void)[];
  const before = new Set(crashEvents.flatMap(listeners));
  try {
    return await load();
  } finally {
    for (const event of crashEvents) {
      for (const listener of listeners(event)) {
        // The program may have added its own meanwhile: Emscripten's do nothing but throw.
        if (!before.has(listener) && /^function\s*\(\w+\)\s*\{[^;]*throw \w+;?[\s}]*$/.test(String(listener))) {
          process.removeListener(event, listener);
        }
      }
    }
  }
}
