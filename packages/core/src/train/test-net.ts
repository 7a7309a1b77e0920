import { mean, mul, square, sub, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { type BatchedDataset, Dataset } from '../data';
import { type Context, EVAL } from '../nn/context';
import { Module, type Shape } from '../nn/module';
import { Param } from '../nn/param';
import { affine } from '../ops/linear';
import { tanh } from '../ops/tanh';
import { key } from '../random';

// A small network and a small problem for the tests of this folder.

class Layer extends Module {
  readonly w: Param;
  readonly b: Param;

  constructor(from: number, to: number, seed: number) {
    super();
    this.w = new Param(tensor(key(seed).normal([from, to], { std: from ** -0.5 }), [from, to]));
    this.b = new Param(tensor(new Float32Array(to)));
  }

  forward(x: Tensor): Tensor {
    return affine(x, this.w.value, this.b.value);
  }

  outputShape(): Shape {
    return this.b.shape;
  }
}

/** Two inputs, a hidden layer of tanh with dropout, one output. */
export class Net extends Module {
  readonly hidden: Layer;
  readonly out: Layer;
  readonly #dropout: number;

  constructor({ hidden = 16, dropout = 0, seed = 0 } = {}) {
    super();
    this.hidden = new Layer(2, hidden, seed);
    this.out = new Layer(hidden, 1, seed + 1);
    this.#dropout = dropout;
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    let h = tanh(this.hidden.forward(x));
    if (ctx.train && this.#dropout > 0) {
      if (ctx.key === undefined) throw new Error('dropout needs a key');
      const keep = ctx.key.uniform(h.shape).map((u) => (u < this.#dropout ? 0 : 1 / (1 - this.#dropout)));
      h = mul(h, tensor(keep, h.shape));
    }
    return this.out.forward(h);
  }

  outputShape(): Shape {
    return this.out.outputShape();
  }
}

/** Mean squared error. */
export function squares(prediction: Tensor, target: Tensor): Tensor {
  return mean(square(sub(prediction, target)));
}

/** 256 points of y = sin(3 a) b, in a new order every epoch. */
export function waves(batch = 32): BatchedDataset<{ x: Tensor; y: Tensor }> {
  const x = key(7).uniform(512, { min: -1, max: 1 });
  const y = Float32Array.from({ length: 256 }, (_, i) => Math.sin(3 * x[2 * i]!) * x[2 * i + 1]!);
  return Dataset.fromArrays({ x: { data: x, shape: [256, 2] }, y: { data: y, shape: [256, 1] } })
    .shuffle(key(1))
    .batch(batch);
}
