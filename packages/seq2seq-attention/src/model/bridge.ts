import { type Key, Module, type Shape } from '@dl/core';
import { Linear } from '@dl/core/nn';
import { reshape, type Tensor, transpose } from '@dl/core/ops';
import type { RecurrentState } from '@dl/rnn';

/** Options of `Bridge`. */
export interface BridgeConfig {
  /** Size of the encoder's states, in each direction. */
  in: number;
  /** Size of the decoder's states. */
  out: number;
  /** Whether the encoder reads from both ends. @default false */
  bidirectional?: boolean;
  /** Whether there are cell states. @default false */
  cells?: boolean;
  /** @default true */
  bias?: boolean;
  /** Draws the weights. */
  key: Key;
}

/**
 * Makes of the states that an encoder ends in those that a decoder begins in, layer by layer: `h = tanh(Wh [hf; hb] + bh)`,
 * `c = Wc [cf; cb] + bc`, where f and b are the two directions.
 *
 * States `[layers * directions, batch, in]` to `[layers, batch, out]`. Weights: `h.weight` `[out, directions * in]`, `h.bias`,
 * `c.weight`, `c.bias`.
 */
export class Bridge extends Module<RecurrentState, RecurrentState> {
  readonly directions: number;
  readonly h: Linear;
  readonly c: Linear | undefined;

  /** @throws ConfigError for sizes that are no positive integers */
  constructor({ in: inputs, out, bidirectional = false, cells = false, bias = true, key }: BridgeConfig) {
    super();
    this.directions = bidirectional ? 2 : 1;
    const config = { in: inputs * this.directions, out, bias };
    this.h = new Linear({ ...config, activation: 'tanh', key: key.child('h') });
    this.c = cells ? new Linear({ ...config, key: key.child('c') }) : undefined;
  }

  forward({ h, c }: RecurrentState): RecurrentState {
    return {
      h: this.h.forward(this.#sideBySide(h)),
      ...(this.c && c && { c: this.c.forward(this.#sideBySide(c)) }),
    };
  }

  outputShape(input: Shape): Shape {
    return [input[0]! / this.directions, ...input.slice(1, -1), this.h.out];
  }

  /** The directions of each layer beside each other: [layers, batch, directions * in]. */
  #sideBySide(states: Tensor): Tensor {
    if (this.directions === 1) return states;
    const [all, batch, size] = states.shape as [number, number, number];
    const byLayer = transpose(reshape(states, [all / 2, 2, batch, size]), [0, 2, 1, 3]);
    return reshape(byLayer, [all / 2, batch, 2 * size]);
  }
}
