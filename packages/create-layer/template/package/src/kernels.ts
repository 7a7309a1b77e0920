import { KernelModule } from '@dl/core/ops';
import { binaries, type Kernels } from './kernels.generated';

/** The kernels of @dl/new-layer. */
export const kernels = new KernelModule<Kernels>(binaries);
