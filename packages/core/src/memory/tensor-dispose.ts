import './symbol-dispose';
import { type Rank, Tensor } from '@tensorflow/tfjs-core';

declare module '@tensorflow/tfjs-core/dist/tensor.js' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- an augmentation repeats the parameters of the class
  interface Tensor<R extends Rank = Rank> {
    /** Frees the tensor at the end of the block: `using y = model.predict(x)`. */
    [Symbol.dispose](): void;
  }
}

Object.defineProperty(Tensor.prototype, Symbol.dispose, {
  value(this: Tensor) {
    this.dispose();
  },
  configurable: true,
  writable: true,
});
