import { KernelModule } from '@dl/core/ops';
import { binaries, type Kernels } from '../kernels.generated';
import { type Lease, lend, ownMemory } from './lease';

const module = new KernelModule<Kernels>(binaries);

/**
 * Runs kernels of @dl/anomaly on memory lent for the time of `use`. They need no backend and no `init()`: the memory is
 * the package's own, so that detectors work on plain numbers and give the same ones on every backend of @dl/core.
 *
 * @throws BackendError where WebAssembly SIMD is missing
 */
export function withKernels<T>(use: (kernels: Kernels, lease: Lease) => T): T {
  const kernels = module.on(ownMemory);
  return lend((lease) => use(kernels, lease));
}
