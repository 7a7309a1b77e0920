import '../memory/symbol-dispose';
import { keep, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Param } from '../nn/param';
import { blend } from './blend';
import { requireFloat, requireShape } from './fitting';
import { requireRange } from './option-range';

/** Options of `ema`. */
export interface EmaOptions {
  /** How much of the average is kept at an update; 1 / (1 - decay) steps are remembered. @default 0.999 */
  decay?: number;
}

/**
 * An exponential moving average of parameters, which often predicts better than the parameters themselves:
 *
 * average = decay average + (1 - decay) parameter
 *
 * It begins as a copy of the parameters. PyTorch's `AveragedModel` with `get_ema_multi_avg_fn(decay)`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Linear } from '@dl/core/nn';
 * import { ones } from '@dl/core/ops';
 * import { ema, sgd } from '@dl/core/optim';
 *
 * await init();
 * const model = new Linear({ in: 2, out: 1, key: key(0) });
 * const params = model.parameters();
 * using average = ema(params, { decay: 0.99 });
 * sgd({ lr: 0.1 }).step(params, new Map([['weight', ones([1, 2])]]));
 * average.update(); // after every step
 * average.swap(); // the model predicts with the average ...
 * average.swap(); // ... and goes on training with its own values
 * ```
 */
export class Ema {
  readonly #params: ReadonlyMap<string, Param>;
  readonly #decay: number;
  readonly #averages = new Map<string, Tensor>();
  #swapped = false;

  /** @internal Use `ema`. */
  constructor(params: ReadonlyMap<string, Param>, decay: number) {
    for (const [name, param] of params) requireFloat('ema', name, 'parameter', param.value);
    this.#params = new Map(params);
    this.#decay = decay;
    for (const [name, param] of params) this.#averages.set(name, keep(tidy(() => param.value.clone())));
  }

  /** Whether the parameters hold the averages right now. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /**
   * Takes the present values of the parameters into the averages.
   *
   * @throws ConfigError while they are swapped
   */
  update(): void {
    if (this.#swapped) {
      throw new ConfigError('ema', 'update() while the parameters hold the averages', 'call swap() first');
    }
    const values = new Map([...this.#params].map(([name, param]) => [name, param.value]));
    blend(this.#averages, values, this.#decay, 1 - this.#decay);
  }

  /** Exchanges the values of the parameters with the averages; copies nothing. Twice is as they were. */
  swap(): void {
    for (const [name, param] of this.#params) {
      const own = keep(tidy(() => param.value.clone())); // shares the memory: outlives the replacement
      param.replace(this.#averages.get(name)!);
      this.#averages.set(name, own);
    }
    this.#swapped = !this.#swapped;
  }

  /** The averages by name, `ema/encoder.weight`, for a checkpoint. They stay this object's. */
  state(): Map<string, Tensor> {
    if (this.#swapped)
      throw new ConfigError('ema', 'state() while the parameters hold the averages', 'call swap() first');
    return new Map([...this.#averages].map(([name, average]) => [`ema/${name}`, average]));
  }

  /**
   * Takes over averages that `state()` gave; they stay the caller's.
   *
   * @throws ConfigError where one is missing, ShapeError; nothing is changed then
   */
  restore(tensors: ReadonlyMap<string, Tensor>): void {
    if (this.#swapped) {
      throw new ConfigError('ema', 'restore() while the parameters hold the averages', 'call swap() first');
    }
    const given = [...this.#params].map(([name, param]) => {
      const tensor = tensors.get(`ema/${name}`);
      if (tensor === undefined) throw new ConfigError('ema', `the state to restore lacks ema/${name}`);
      requireFloat('ema', name, 'average', tensor);
      requireShape('ema', name, 'average', tensor.shape, param.shape);
      return [name, tensor] as const;
    });
    for (const [name, tensor] of given) {
      this.#averages.get(name)!.dispose();
      this.#averages.set(name, keep(tidy(() => tensor.clone())));
    }
  }

  /** Frees the averages; the parameters get their own values back first where they were swapped. */
  dispose(): void {
    if (this.#swapped) this.swap();
    for (const average of this.#averages.values()) average.dispose();
    this.#averages.clear();
  }

  /** `dispose()`, at the end of a block of `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Starts an exponential moving average of parameters: see `Ema`.
 *
 * @param params what `model.parameters()` gives
 * @throws ConfigError for a decay outside of [0, 1]
 */
export function ema(params: ReadonlyMap<string, Param>, options: EmaOptions = {}): Ema {
  const { decay = 0.999 } = options;
  requireRange('ema', { decay }, 0, 1);
  return new Ema(params, decay);
}
