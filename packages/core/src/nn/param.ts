import { type DataType, keep, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { DisposedError, DtypeError, ShapeError } from '../errors';

/** Marks what may belong to a module in every copy of @dl/core, so that one copy knows the members of another. */
export const MEMBER = Symbol.for('@dl/core/member');

/** A tensor that belongs to a module and lives as long as it: a `Param` that is learnt, or a `Buffer` that is kept. */
abstract class State {
  static {
    Object.defineProperty(State.prototype, MEMBER, { value: true });
  }

  #value: Tensor;
  #name = '';

  /** Takes the tensor over: the caller must not dispose of it. */
  constructor(value: Tensor) {
    this.#value = keep(value);
  }

  /** The tensor. It belongs to the module: read it, do not dispose of it. Optimisers write into it in place. */
  get value(): Tensor {
    if (this.#value.isDisposed) throw new DisposedError(`${this.name || 'this parameter'} was used after dispose()`);
    return this.#value;
  }

  get shape(): readonly number[] {
    return this.#value.shape;
  }

  get size(): number {
    return this.#value.size;
  }

  get dtype(): DataType {
    return this.#value.dtype;
  }

  /** Dotted path from the root module, once it has been walked: `encoder.rnn.weight_ih_l0`. */
  get name(): string {
    return this.#name;
  }

  /** @internal */
  set name(name: string) {
    this.#name = name;
  }

  /** Takes over the values of another tensor or array of the same shape; the source stays the caller's. */
  assign(values: Tensor | Float32Array): void {
    if (values instanceof Float32Array) {
      if (values.length !== this.size) {
        throw new ShapeError(this.name, `${values.length} values for a parameter of ${this.size}`, [
          { label: 'parameter', shape: this.shape },
        ]);
      }
      this.replace(tensor(values, this.shape as number[], 'float32'));
      return;
    }
    if (values.dtype !== this.dtype) {
      throw new DtypeError(`${this.name}: a parameter of ${this.dtype} cannot take values of ${values.dtype}`);
    }
    if (values.shape.length !== this.shape.length || values.shape.some((size, i) => size !== this.shape[i])) {
      throw new ShapeError(this.name, 'the values have another shape than the parameter', [
        { label: 'parameter', shape: this.shape },
        { label: 'values', shape: values.shape },
      ]);
    }
    this.replace(tidy(() => values.clone()));
  }

  /** Puts a tensor in the place of the present one, which is disposed of. Takes the new one over. */
  replace(next: Tensor): void {
    if (next === this.#value) return;
    const before = this.#value;
    this.#value = keep(next);
    before.dispose();
  }

  /** Runs `f` while this reads as another tensor of the same shape, which stays the caller's. */
  during<T>(value: Tensor, f: () => T): T {
    const before = this.#value;
    this.#value = value;
    try {
      return f();
    } finally {
      this.#value = before;
    }
  }

  /** Frees the tensor. */
  dispose(): void {
    this.#value.dispose();
  }
}

/**
 * A learnt tensor of a module. Modules hold it in a field; its dotted name is the path of fields, as in PyTorch.
 *
 * @example
 * ```ts
 * class Scale extends Module {
 *   readonly weight = new Param(ones([1]));
 *   forward(x: Tensor) { return mul(x, this.weight.value); }
 *   outputShape(input: Shape) { return input; }
 * }
 * ```
 */
export class Param extends State {
  /** Whether training changes it; PyTorch's `requires_grad`. */
  trainable = true;
}

/** A tensor of a module that is saved with it but not learnt: running statistics, position tables. */
export class Buffer extends State {}
