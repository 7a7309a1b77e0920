import { type Override, override } from '../override';
import { elementwise } from './elementwise';
import { matmul } from './matmul';

/** Every kernel of ours that stands in for one of tfjs's. */
export const overrides: readonly Override[] = [...elementwise, ...matmul];

/** Puts our kernels over those of tfjs on the backend `wasm`. */
export function registerKernels(): void {
  for (const ours of overrides) override(ours);
}
