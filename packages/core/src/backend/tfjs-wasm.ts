import { env, findBackend } from '@tensorflow/tfjs-core';
import { decodeBase64 } from './base64';

/**
 * Makes tfjs's WASM backend ready to be created, from a binary that travels in this package instead of a file somewhere
 * beside the bundle.
 */
export async function loadTfjsWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (findBackend('wasm') != null) return; // another user of tfjs was first
  // The threaded build does not survive minification, and its threads do not make tfjs's kernels faster.
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const { tfjsWasm } = await import('./tfjs-wasm.generated');
  const packed = new Blob([decodeBase64(tfjsWasm)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const url = URL.createObjectURL(new Blob([await new Response(packed).arrayBuffer()], { type: 'application/wasm' }));
  const file = 'tfjs-backend-wasm';
  setWasmPaths({ [`${file}.wasm`]: url, [`${file}-simd.wasm`]: url, [`${file}-threaded-simd.wasm`]: url }, true);
}
