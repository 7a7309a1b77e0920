import { type Context, type Key, Module, type Shape } from '@dl/core';
import { Dropout, Linear } from '@dl/core/nn';
import { gelu, type Tensor } from '@dl/core/ops';

/** What a layer applies between its two products. */
export type FeedForwardActivation = 'relu' | 'gelu';

/** The two products of a Transformer layer: `linear2(dropout(act(linear1(x))))`; PyTorch keeps them in the layer itself. */
export class FeedForward extends Module {
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly dropout: Dropout;
  readonly activation: FeedForwardActivation;

  constructor(config: { dim: number; hidden: number; activation: FeedForwardActivation; dropout: number; key: Key }) {
    super();
    const { dim, hidden, activation, key } = config;
    this.activation = activation;
    const own = activation === 'relu' ? 'relu' : 'linear';
    this.linear1 = new Linear({ in: dim, out: hidden, activation: own, key: key.child('linear1') });
    this.linear2 = new Linear({ in: hidden, out: dim, key: key.child('linear2') });
    this.dropout = new Dropout({ rate: config.dropout });
  }

  forward(x: Tensor, ctx?: Context): Tensor {
    const hidden = this.linear1.forward(x);
    return this.linear2.forward(this.dropout.forward(this.activation === 'gelu' ? gelu(hidden) : hidden, ctx));
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}
