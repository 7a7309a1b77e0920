import { type Context, EVAL, type Key, Module, type Shape } from '@dl/core';
import { Linear } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { LSTM } from '@dl/rnn';

/** An LSTM whose last hidden state is read out as one number: `[batch, time, 2]` to `[batch, 1]`. */
export class Adder extends Module<Tensor, Tensor> {
  readonly lstm: LSTM;
  readonly out: Linear;

  constructor(key: Key) {
    super();
    this.lstm = new LSTM({ in: 2, hidden: 4, key: key.child('lstm') });
    this.out = new Linear({ in: 4, out: 1, key: key.child('out') });
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    return this.out.forward(this.lstm.forward(x, ctx).last);
  }

  outputShape(): Shape {
    return [1];
  }
}

/** The network that `site/data/adding-lstm.ts` trains and the picture of gates looks into. */
export const adder = (key: Key): Adder => new Adder(key);
