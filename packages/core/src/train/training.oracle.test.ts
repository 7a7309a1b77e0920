import { expectGolden, type OracleCase, onBackends, readOracle, tensorOf } from '@dl/testing';
import {
  add,
  conv2d,
  exp,
  maxPool,
  mean,
  mul,
  oneHot,
  reshape,
  sigmoid,
  slice,
  split,
  square,
  squaredDifference,
  squeeze,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  transpose,
} from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { gradients } from '../backend/tape';
import { Param } from '../nn/param';
import { linear, logSoftmax, relu, tanh } from '../ops';
import { adam, type Optimizer, sgd } from '../optim';

/** Tensors of a case by name: its weights and its data. */
type Tensors = Readonly<Record<string, Tensor>>;

/** The loss of each architecture of the golden file, on the whole batch. */
const losses: Record<string, (t: Tensors) => Tensor> = {
  lenet(t) {
    const image = transpose(t.x!, [0, 2, 3, 1]); // [batch, height, width, channels]
    const first = maxPool(relu(conv(image, t.w1!, t.b1!)) as Tensor4D, 2, 2, 'valid');
    const second = tanh(conv(first, t.w2!, t.b2!));
    const flat = reshape(transpose(second, [0, 3, 1, 2]), [t.x!.shape[0], -1]); // channels first, as in the golden weights
    const logits = linear(relu(linear(flat, t.w3!, t.b3)), t.w4!, t.b4);
    const target = oneHot(t.target!, t.w4!.shape[0]);
    return mul(mean(sum(mul(target, logSoftmax(logits)), -1)), -1);
  },
  LSTM: (t) =>
    regression(t, (x, { h, c }) => {
      const [i, f, g, o] = split(add(gate(t, 'ih', x), gate(t, 'hh', h)), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      return { h: mul(sigmoid(o), tanh(cell)), c: cell };
    }),
  GRU: (t) =>
    regression(t, (x, { h, c }) => {
      const [xr, xz, xn] = split(gate(t, 'ih', x), 3, 1) as [Tensor, Tensor, Tensor];
      const [hr, hz, hn] = split(gate(t, 'hh', h), 3, 1) as [Tensor, Tensor, Tensor];
      const z = sigmoid(add(xz, hz));
      const n = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
      return { h: add(mul(sub(1, z), n), mul(z, h)), c };
    }),
  RNN: (t) => regression(t, (x, { h, c }) => ({ h: tanh(add(gate(t, 'ih', x), gate(t, 'hh', h))), c })),
  autoencoder(t) {
    const code = tanh(linear(relu(linear(t.x!, t.w1!, t.b1)), t.w2!, t.b2));
    return mean(squaredDifference(linear(relu(linear(code, t.w3!, t.b3)), t.w4!, t.b4), t.x!));
  },
  vae(t) {
    const h = tanh(linear(t.x!, t.w1!, t.b1));
    const mu = linear(h, t.wm!, t.bm);
    const logVar = linear(h, t.wv!, t.bv);
    const z = add(mu, mul(t.eps!, exp(mul(logVar, 0.5))));
    const output = linear(tanh(linear(z, t.w2!, t.b2)), t.w3!, t.b3);
    const divergence = mul(sum(sub(sub(add(1, logVar), square(mu)), exp(logVar)), -1), -0.5);
    return add(mean(sum(squaredDifference(output, t.x!), -1)), mean(divergence));
  },
};

/** A convolution without padding; the weight is PyTorch's `[out, in, height, width]`. */
function conv(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return add(conv2d(x as Tensor4D, transpose(weight, [2, 3, 1, 0]) as Tensor4D, 1, 'valid'), bias);
}

function gate(t: Tensors, part: 'ih' | 'hh', x: Tensor): Tensor {
  return linear(x, t[`weight_${part}_l0`]!, t[`bias_${part}_l0`]);
}

interface State {
  h: Tensor;
  c: Tensor;
}

/** The mean squared error of a linear map of the last output of a cell that was run over time. */
function regression(t: Tensors, step: (x: Tensor, state: State) => State): Tensor {
  const [batch, time, features] = t.x!.shape as [number, number, number];
  const none = tensor(new Float32Array(batch * t.weight_hh_l0!.shape[1]!), [batch, t.weight_hh_l0!.shape[1]!]);
  let state: State = { h: none, c: none };
  for (let at = 0; at < time; at++) {
    state = step(squeeze(slice(t.x!, [0, at, 0], [batch, 1, features]), [1]), state);
  }
  return mean(squaredDifference(linear(state.h, t.out_w!, t.out_b), t.y!));
}

/** The parameters of a case; what is not named belongs to the optimizer. */
interface TrainingParams {
  optimizer: string;
  steps: number;
  lr: number;
  momentum?: number;
}

const optimizers: Record<string, (options: { lr: number; momentum?: number }) => Optimizer> = { Adam: adam, SGD: sgd };

onBackends(['wasm', 'cpu'], () => {
  for (const golden of readOracle('torch', 'training').cases as unknown as OracleCase<TrainingParams>[]) {
    test(`${golden.op} with ${golden.params.optimizer}: ${golden.name}`, () => train(golden));
  }
});

function train(golden: OracleCase<TrainingParams>): void {
  const { optimizer: name, steps, ...options } = golden.params;
  const loss = losses[golden.op];
  const optimizerOf = optimizers[name];
  if (!loss || !optimizerOf)
    throw new Error(`the golden file trains ${golden.op} with ${name}, which is not known here`);
  const params = new Map(Object.entries(golden.weights!).map(([name, value]) => [name, new Param(tensorOf(value))]));
  const data = Object.fromEntries(Object.entries(golden.data!).map(([name, value]) => [name, tensorOf(value)]));
  const optimizer = optimizerOf(options);
  const before: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { value, grads } = gradients(
      () => loss({ ...data, ...Object.fromEntries([...params].map(([name, param]) => [name, param.value])) }),
      [...params.values()].map((param) => param.value),
    );
    before.push(value.dataSync()[0]!);
    optimizer.step(params, new Map([...params.keys()].map((name, i) => [name, grads[i]!])));
    for (const tensor of [value, ...grads]) tensor?.dispose();
  }
  for (const [name, reference] of Object.entries(golden.outputs)) {
    const actual =
      name === 'loss_before_step'
        ? { shape: [before.length], data: before }
        : params.get(name.replace(/^final:/, ''))!.value;
    expectGolden(actual, reference, golden.f32_noise?.[name], name);
  }
  for (const owned of [...params.values(), ...Object.values(data), optimizer]) owned.dispose();
}
