import {
  getKernel,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import { Heap } from './heap';
import { processWide } from './process-wide';

/** Why a kernel of tfjs's WASM backend is replaced. */
export type Reason = 'missing' | 'wrong' | 'slow';

/** A kernel of ours for a kernel name of tfjs, on the backend `wasm`. */
export interface Override {
  /** tfjs's name of the kernel: `BatchMatMul`. */
  name: string;
  reason: Reason;
  /** Error bound, for the generated table: `1e-6 relative`, `exact`. */
  error: string;
  /** Whether ours handles the call; where it says no, tfjs's own kernel does. Default: always. */
  supports?(inputs: NamedTensorInfoMap, attrs: NamedAttrMap): boolean;
  run(call: { inputs: NamedTensorInfoMap; attrs: NamedAttrMap; heap: Heap }): TensorInfo | TensorInfo[];
}

/**
 * The overrides in force, by kernel name. tfjs's kernel registry belongs to the process, and so does this: a second copy
 * of @dl/core (ESM beside CJS, two versions) must not take a kernel of the first for one of tfjs.
 */
const inForce = processWide(
  'overrides',
  () => new Map<string, { ours: KernelConfig; stock: KernelConfig | undefined }>(),
);

/** tfjs's own kernel behind an override, to compare with; undefined where tfjs has none. */
export function stockKernel(name: string): KernelConfig | undefined {
  return inForce.get(name)?.stock;
}

/** Registers a kernel of ours over tfjs's on the backend `wasm`. Doing it again changes nothing. */
export function override(ours: Override): void {
  const theirs = getKernel(ours.name, 'wasm');
  if (theirs !== undefined && theirs === inForce.get(ours.name)?.ours) return;
  if (theirs !== undefined) unregisterKernel(ours.name, 'wasm');

  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const call = { inputs, attrs: attrs ?? {} };
    if (ours.supports === undefined || ours.supports(call.inputs, call.attrs)) {
      return ours.run({ ...call, heap: Heap.of(backend as Parameters<typeof Heap.of>[0]) });
    }
    if (theirs === undefined) {
      const types = Object.values(inputs).map((tensor) => tensor?.dtype);
      throw new BackendError(`${ours.name} on the backend 'wasm' does not work on ${types.join(', ')}`);
    }
    return theirs.kernelFunc({ inputs, attrs: attrs ?? {}, backend });
  };
  const config: KernelConfig = {
    kernelName: ours.name,
    backendName: 'wasm',
    kernelFunc,
    // Binds tfjs's kernel to its heap: still needed for the calls that ours passes on.
    ...(theirs?.setupFunc && { setupFunc: theirs.setupFunc }),
  };
  registerKernel(config);
  inForce.set(ours.name, { ours: config, stock: theirs });
}
