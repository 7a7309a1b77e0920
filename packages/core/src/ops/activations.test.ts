import '@tensorflow/tfjs-backend-cpu';
import { expectGolden, type OracleTensor, readOracle } from '@dl/testing';
import { grads, memory, sum, type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { DtypeError, ShapeError } from '../errors';
import {
  elu,
  gelu,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
  withComposedOps,
} from './index';

type Params = { alpha?: number };

/** PyTorch's names of the activations of one input. */
const activations: Record<string, (x: Tensor, params: Params) => Tensor> = {
  elu: (x) => elu(x),
  gelu: (x) => gelu(x),
  gelu_tanh: (x) => gelu(x, 'tanh'),
  glu: (x) => glu(x),
  hardsigmoid,
  hardswish,
  hardtanh: (x) => hardtanh(x),
  leaky_relu: (x, { alpha }) => leakyRelu(x, alpha),
  log_sigmoid: logSigmoid,
  log_softmax: (x) => logSoftmax(x),
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax: (x) => softmax(x),
  softplus: (x) => softplus(x),
  softsign,
  tanh,
};

const oracle = readOracle('torch', 'activations');
const load = (golden: OracleTensor) => tensor(golden.data, golden.shape, 'float32');

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  for (const { name, op, params, inputs, outputs, grad_outputs, grads: golden, f32_noise } of oracle.cases) {
    const activation = activations[op];
    if (activation === undefined) continue; // linear and embedding have tests of their own; prelu follows
    test.each(['kernels', 'composed'])(`${name}, %s`, (form) => {
      const before = memory().numTensors;
      tidy(() => {
        const run = () => {
          const x = load(inputs.x!);
          const f = (x: Tensor) => activation(x, params);
          expectGolden(f(x), outputs.y!, f32_noise?.y, 'y');
          const [dx] = grads(f)([x], load(grad_outputs!.y!));
          expectGolden(dx!, golden!.x!, f32_noise?.['grad:x'], 'dx');
        };
        if (form === 'kernels') run();
        else withComposedOps(run);
      });
      expect(memory().numTensors).toBe(before);
    });
  }

  test.each(oracle.cases.filter(({ op }) => op === 'prelu'))('$name, channels last', (golden) => {
    tidy(() => {
      const channelsLast = (t: OracleTensor) => {
        const order = [0, ...t.shape.slice(2).map((_, i) => i + 2), 1];
        return transpose(load(t), order);
      };
      const asGolden = (t: Tensor) => transpose(t, [0, t.rank - 1, ...t.shape.slice(1, -1).map((_, i) => i + 1)]);
      const [x, alpha] = [channelsLast(golden.inputs.x!), load(golden.inputs.alpha!)];
      expectGolden(asGolden(prelu(x, alpha)), golden.outputs.y!, golden.f32_noise?.y, 'y');
      const [dx, dalpha] = grads(prelu)([x, alpha], channelsLast(golden.grad_outputs!.y!));
      expectGolden(asGolden(dx!), golden.grads!.x!, golden.f32_noise?.['grad:x'], 'dx');
      expectGolden(dalpha!, golden.grads!.alpha!, golden.f32_noise?.['grad:alpha'], 'dalpha');
    });
  });

  test.each(['gelu', 'gelu_tanh', 'glu', 'log_softmax', 'mish', 'sigmoid', 'silu', 'softmax', 'tanh'])(
    'the gradient of %s has a gradient',
    (name) => {
      tidy(() => {
        const values = [-1.3, -0.4, 0.3, 1.1];
        const f = (x: Tensor) => activations[name]!(x, {});
        const slope = (x: Tensor) => {
          const y = f(x);
          const weights = tensor([1, 2, 3, 4].slice(0, y.size), y.shape);
          return sum(grads(f)([x], weights)[0]!);
        };
        const second = grads(slope)([tensor(values, [1, 4])])[0]!.dataSync();
        const h = 1e-2;
        for (let i = 0; i < values.length; i++) {
          const at = (step: number) =>
            slope(
              tensor(
                values.map((v, j) => (i === j ? v + step : v)),
                [1, 4],
              ),
            ).dataSync()[0]!;
          expect(Math.abs(second[i]! - (at(h) - at(-h)) / (2 * h)), `element ${i}`).toBeLessThan(5e-3);
        }
      });
    },
  );
});

describe('bad input is refused', () => {
  beforeAll(async () => {
    await init();
  });

  test('integers', () => {
    const x = tensor([1, 2], [2], 'int32');
    for (const f of Object.values(activations)) expect(() => f(x, {})).toThrow(DtypeError);
  });

  test('an axis that is not there, an odd axis, slopes that do not fit', () => {
    expect(() => softmax(tensor([[1, 2]]), 2)).toThrow('softmax: the input has no axis 2');
    expect(() => logSoftmax(tensor([[1, 2]]), -3)).toThrow(ShapeError);
    expect(() => glu(tensor([1, 2, 3]))).toThrow('axis -1 has 3 elements');
    expect(() => prelu(tensor([[1, 2, 3]]), tensor([0.1, 0.2]))).toThrow('3 channels, 2 slopes');
  });
});
