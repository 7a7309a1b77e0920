// The only import of tfjs outside of @dl/core: its `cpu` backend is the reference that the kernels are compared with.
import '@tensorflow/tfjs-backend-cpu';
