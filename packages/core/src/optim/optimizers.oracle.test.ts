import { expectGolden, type OracleCase, readOracle } from '@dl/testing';
import '@tensorflow/tfjs-backend-cpu';
import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { init } from '../backend/init';
import { Param } from '../nn/param';
import { withComposedOps } from '../ops/define-op';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  type NadamOptions,
  nadam,
  type Optimizer,
  radam,
  rmsprop,
  sgd,
} from './index';

/** An optimizer from PyTorch's name and options. */
const make: Record<string, (options: never) => Optimizer> = {
  SGD: sgd,
  Adam: adam,
  AdamW: adamw,
  RMSprop: rmsprop,
  Adagrad: adagrad,
  Adadelta: adadelta,
  Adamax: adamax,
  // The golden values are of PyTorch 1.13.
  NAdam: (options: NadamOptions) => nadam({ ...options, legacyProduct: true }),
  RAdam: radam,
};

const { cases } = readOracle('torch', 'optimizers');

for (const [form, backend, run] of [
  ['kernels', 'wasm', (f: () => void) => f()],
  ['composed', 'wasm', (f: () => void) => withComposedOps(f)],
  ['composed', 'cpu', (f: () => void) => f()],
] as const) {
  test.each(cases)(`$name, ${form} on ${backend}`, async (golden) => {
    await init({ backend });
    run(() => follow(golden));
  });
}

function follow(golden: OracleCase): void {
  const factory = make[golden.op];
  if (factory === undefined) throw new Error(`no optimizer for ${golden.op}`);
  const before = memory().numTensors;
  const optimizer = factory(camelCase(golden.params) as never);
  const { trajectory: points, loss_before_step: losses } = golden.outputs;
  const given = 'grads' in golden.inputs;
  const start = given ? { p: golden.inputs.p0! } : { w: golden.inputs.w0!, b: { shape: [1], dtype: 'f', data: [0] } };
  const params = new Map(Object.entries(start).map(([name, t]) => [name, new Param(tensor(t.data, t.shape))]));
  const [steps, size] = points!.shape as [number, number];
  const trajectory: number[] = [];
  const lossValues: number[] = [];
  for (let k = 0; k < steps; k++) {
    let grads: Map<string, Tensor>;
    if (given) {
      grads = new Map([
        ['p', tensor(golden.inputs.grads!.data.slice(k * size, (k + 1) * size), golden.inputs.p0!.shape)],
      ]);
    } else {
      const [loss, w, b] = regression(
        golden,
        [...params.values()].flatMap((p) => [...p.value.dataSync()]),
      );
      lossValues.push(loss);
      grads = new Map([
        ['w', tensor(w)],
        ['b', tensor([b])],
      ]);
    }
    optimizer.step(params, grads);
    for (const grad of grads.values()) grad.dispose(); // throws if the optimizer had taken it over
    for (const param of params.values()) trajectory.push(...param.value.dataSync());
  }
  expectGolden({ shape: [steps, size], data: trajectory }, points!, golden.f32_noise?.trajectory, 'trajectory');
  if (losses) expectGolden({ shape: [steps], data: lossValues }, losses, golden.f32_noise?.loss_before_step, 'loss');
  expect(optimizer.steps).toBe(steps);
  optimizer.dispose();
  for (const param of params.values()) param.dispose();
  expect(memory().numTensors).toBe(before);
}

/** mean((X w + b - y)^2) and its gradients, in float64. */
function regression({ inputs }: OracleCase, point: number[]): [loss: number, w: number[], b: number] {
  const [X, y] = [inputs.X!, inputs.y!];
  const [rows, columns] = X.shape as [number, number];
  const w = new Array<number>(columns).fill(0);
  let [loss, b] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const row = X.data.slice(i * columns, (i + 1) * columns);
    const error = row.reduce((sum, x, j) => sum + x * point[j]!, point[columns]!) - y.data[i]!;
    loss += error ** 2 / rows;
    row.forEach((x, j) => {
      w[j]! += (2 * error * x) / rows;
    });
    b += (2 * error) / rows;
  }
  return [loss, w, b];
}

function camelCase(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), value]),
  );
}
