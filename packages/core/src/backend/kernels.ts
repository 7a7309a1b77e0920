import { KernelModule } from './kernel-module';
import { binaries, type Kernels } from './kernels.generated';

/** The kernels of @dl/core. */
export const kernels = new KernelModule<Kernels>(binaries);
