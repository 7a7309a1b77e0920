import { type Override, override } from '../override';
import { fusedBatchNorm } from './batch-norm';
import { convolution } from './convolution';
import { dilation } from './dilation';
import { elementwise } from './elementwise';
import { gather } from './gather';
import { identity } from './identity';
import { matmul } from './matmul';
import { movement } from './movement';
import { pooling } from './pooling';
import { reductions } from './reductions';

/** Every kernel of ours that stands in for one of tfjs's. */
export const overrides: readonly Override[] = [
  ...convolution,
  ...dilation,
  ...elementwise,
  fusedBatchNorm,
  ...gather,
  identity,
  ...matmul,
  ...movement,
  ...pooling,
  ...reductions,
];

/** Puts our kernels over those of tfjs on the backend `wasm`. */
export function registerKernels(): void {
  for (const ours of overrides) override(ours);
}
