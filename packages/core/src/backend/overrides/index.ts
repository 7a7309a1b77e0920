import { type Override, override } from '../override';
import { elementwise } from './elementwise';
import { gather } from './gather';
import { matmul } from './matmul';
import { movement } from './movement';
import { reductions } from './reductions';

/** Every kernel of ours that stands in for one of tfjs's. */
export const overrides: readonly Override[] = [...elementwise, ...gather, ...matmul, ...movement, ...reductions];

/** Puts our kernels over those of tfjs on the backend `wasm`. */
export function registerKernels(): void {
  for (const ours of overrides) override(ours);
}
