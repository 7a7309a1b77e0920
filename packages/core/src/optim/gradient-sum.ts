import '../memory/symbol-dispose';
import { keep, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { blend } from './blend';
import { requireFloat, requireShape } from './fitting';

/**
 * A sum of gradients over small batches, to step as with a large one that would not fit into memory.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { GradientSum } from '@dl/core/optim';
 *
 * await init();
 * using sum = new GradientSum();
 * sum.add(new Map([['weight', tensor([1, 2])]]), 1 / 2);
 * sum.add(new Map([['weight', tensor([3, 4])]]), 1 / 2);
 * sum.gradients.get('weight')?.dataSync(); // [2, 3]: what optimizer.step(params, sum.gradients) takes
 * sum.clear();
 * ```
 */
export class GradientSum {
  readonly #sums = new Map<string, Tensor>();

  /** The sums so far, by name. They stay this object's, and change with the next `add`. */
  get gradients(): ReadonlyMap<string, Tensor> {
    return this.#sums;
  }

  /**
   * Adds gradients, times `weight`. A name may be new; the tensors stay the caller's.
   *
   * @throws ShapeError where one has another shape than before, DtypeError; nothing is changed then
   */
  add(grads: ReadonlyMap<string, Tensor>, weight = 1): void {
    const old = new Map<string, Tensor>();
    for (const [name, grad] of grads) {
      requireFloat('GradientSum', name, 'gradient', grad);
      const sum = this.#sums.get(name);
      if (sum === undefined) continue;
      requireShape('GradientSum', name, 'gradient', grad.shape, sum.shape);
      old.set(name, grad);
    }
    blend(this.#sums, old, 1, weight);
    for (const [name, grad] of grads) {
      if (!old.has(name)) this.#sums.set(name, keep(tidy(() => (weight === 1 ? grad.clone() : mul(grad, weight)))));
    }
  }

  /** Multiplies the sums: by 1 / n they become the mean over n batches whose number was not known before. */
  scale(factor: number): void {
    for (const [name, sum] of this.#sums) {
      this.#sums.set(name, keep(tidy(() => mul(sum, factor))));
      sum.dispose();
    }
  }

  /** Forgets the sums: the next `add` begins anew. */
  clear(): void {
    for (const sum of this.#sums.values()) sum.dispose();
    this.#sums.clear();
  }

  /** `dispose()`, at the end of a block of `using`. */
  [Symbol.dispose](): void {
    this.clear();
  }
}
