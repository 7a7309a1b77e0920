import '@tensorflow/tfjs-backend-cpu';
import { expectClose, expectGolden, type OracleCase, type OracleTensor, readOracle } from '@dl/testing';
import { add, fill, grads, memory, mul, type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DtypeError, ShapeError } from '../errors';
import { key } from '../random';
import { batchNorm, batchNormInference, groupNorm, layerNorm, rmsNorm, withComposedOps } from './index';

interface Params {
  training?: boolean;
  momentum?: number;
  eps: number;
  groups?: number;
  normalized_shape?: number[];
}

const load = (golden: OracleTensor) => tensor(golden.data, golden.shape, 'float32');

/** PyTorch's [batch, channels, ...] to [batch, ..., channels], and back. */
const channelsLast = (x: Tensor) => transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
const channelsSecond = (x: Tensor) => transpose(x, [0, x.rank - 1, ...x.shape.slice(1, -1).map((_, i) => i + 1)]);

/** The norm of a case as a function of its differentiable inputs, in PyTorch's layout. */
function normOf({ op, inputs }: OracleCase, params: Params): (x: Tensor, weight: Tensor, bias: Tensor) => Tensor {
  const { eps } = params;
  if (op === 'layer_norm') return (x, weight, bias) => layerNorm(x, { weight, bias, eps });
  return (x, weight, bias) => {
    const last = channelsLast(x);
    if (op === 'batch_norm' && params.training) return channelsSecond(batchNorm(last, { weight, bias, eps }).y);
    if (op === 'batch_norm') {
      const [mean, variance] = [load(inputs.running_mean!), load(inputs.running_var!)];
      return channelsSecond(batchNormInference(last, { mean, variance, weight, bias, eps }));
    }
    const groups = op === 'instance_norm' ? weight.size : params.groups!;
    return channelsSecond(groupNorm(last, { groups, weight, bias, eps }));
  };
}

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  for (const golden of readOracle('torch', 'norm').cases) {
    const params = golden.params as unknown as Params;
    const { inputs, outputs, grad_outputs, grads: gradients, f32_noise } = golden;
    test.each(['kernels', 'composed'])(`${golden.name}, %s`, (form) => {
      const before = memory().numTensors;
      const run = () => {
        const norm = normOf(golden, params);
        const parameters = [load(inputs.x!), load(inputs.gamma!), load(inputs.beta!)] as const;
        expectGolden(norm(...parameters), outputs.y!, f32_noise?.y, 'y');
        const found = grads(norm)([...parameters], load(grad_outputs!.y!));
        for (const [i, name] of ['x', 'gamma', 'beta'].entries()) {
          expectGolden(found[i]!, gradients![name]!, f32_noise?.[`grad:${name}`], `gradient of ${name}`);
        }
        if (!params.training) return;
        const { mean, variance } = batchNorm(channelsLast(parameters[0]), { eps: params.eps });
        const n = parameters[0].size / mean.size;
        const running = (old: OracleTensor, batch: Tensor, factor: number) =>
          add(mul(load(old), 1 - params.momentum!), mul(batch, params.momentum! * factor));
        expectGolden(running(inputs.running_mean!, mean, 1), outputs.running_mean_after!, undefined, 'running mean');
        expectGolden(
          running(inputs.running_var!, variance, n / (n - 1)),
          outputs.running_var_after!,
          undefined,
          'running variance',
        );
      };
      tidy(() => (form === 'kernels' ? run() : withComposedOps(run)));
      expect(memory().numTensors).toBe(before);
    });
  }

  test('bad input is refused', () => {
    tidy(() => {
      const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
      expect(() => layerNorm(x, { weight: tensor([1, 2]) })).toThrow(
        'the weight has shape [2], the last axes of the input [3]',
      );
      expect(() => layerNorm(x, { axes: 3 })).toThrow(ShapeError);
      expect(() => rmsNorm(tensor([1, 2], [2], 'int32'))).toThrow(DtypeError);
      expect(() => batchNorm(x, { bias: tensor([1]) })).toThrow('the input has 3 channels, the bias is for 1');
      expect(() => batchNorm(tensor([[1, 2]]))).toThrow('1 element a channel');
      expect(() => groupNorm(x, { groups: 2 })).toThrow(ConfigError);
      expect(() => batchNormInference(x, { mean: tensor([1]), variance: tensor([1]) })).toThrow(ShapeError);
    });
  });
});

describe('kernel and composed form agree', () => {
  beforeAll(async () => {
    await init();
  });

  const norms: Record<string, (groups: number) => (x: Tensor, weight: Tensor, bias: Tensor) => Tensor> = {
    layerNorm: () => (x, weight, bias) => layerNorm(x, { weight, bias }),
    'layerNorm, plain': () => (x) => layerNorm(x),
    rmsNorm: () => (x, weight) => rmsNorm(x, { weight }),
    batchNorm: () => (x, weight, bias) => batchNorm(x, { weight, bias }).y,
    'batchNorm, plain': () => (x) => batchNorm(x).y,
    groupNorm: (groups) => (x, weight, bias) => groupNorm(x, { groups, weight, bias }),
    'groupNorm, plain': (groups) => (x) => groupNorm(x, { groups }),
    batchNormInference: () => (x, weight, bias) =>
      batchNormInference(x, { mean: fill([bias.size], 0.3), variance: fill([bias.size], 1.7), weight, bias }),
  };

  test.each(Object.keys(norms))('%s, any shape', (name) => {
    fc.assert(
      fc.property(
        fc.record({
          batch: fc.integer({ min: 0, max: 5 }),
          rows: fc.integer({ min: 1, max: 150 }),
          width: fc.integer({ min: 1, max: 9 }),
          groups: fc.integer({ min: 1, max: 5 }),
          shift: fc.constantFrom(0, 100),
          seed: fc.nat(),
        }),
        ({ batch, rows, width, groups, shift, seed }) => {
          // One element alone has no variance: below.
          if (name.startsWith('batchNorm')) fc.pre(batch * rows >= 2);
          if (name.startsWith('layerNorm') || name === 'rmsNorm') fc.pre(groups * width >= 2);
          if (name.startsWith('groupNorm')) fc.pre(rows * width >= 2);
          tidy(() => {
            const source = key(seed);
            const values = (name: string, shape: number[], plus = 0) =>
              tensor(source.child(name).uniform(shape, { min: plus - 2, max: plus + 2 }), shape);
            const channels = groups * width;
            // Neighbours differ by 3 or more: where all are nearly equal, the norm multiplies rounding errors without end.
            const spread = source.child('x').uniform([batch, rows, channels], { min: shift - 0.5, max: shift + 0.5 });
            for (let i = 0; i < spread.length; i++) {
              spread[i]! += (Math.floor(i / channels) + (i % channels)) % 2 === 0 ? 2 : -2;
            }
            const inputs = [
              tensor(spread, [batch, rows, channels]),
              values('w', [channels], 3),
              values('b', [channels]),
            ];
            const f = norms[name]!(groups);
            const used = inputs.slice(0, f.length);
            const dy = values('dy', [batch, rows, channels]);
            const run = () => [f(inputs[0]!, inputs[1]!, inputs[2]!), ...grads(f)(used, dy)];
            const kernel = run();
            const composed = withComposedOps(run);
            for (const [i, result] of kernel.entries()) {
              const scale = Math.max(1, ...composed[i]!.dataSync().map(Math.abs));
              expectClose(result, composed[i]!, (shift === 0 ? 2e-5 : 1e-3) * scale, `${name}, result ${i}`);
            }
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  test('an element alone becomes the bias, and has no gradient', () => {
    tidy(() => {
      const [x, weight, bias] = [tensor([5, -7, 100], [3, 1]), tensor([2]), tensor([0.5])];
      for (const f of [
        (x: Tensor) => layerNorm(x, { weight, bias }),
        (x: Tensor) => groupNorm(x, { groups: 1, weight, bias }),
      ]) {
        expect([...f(x).dataSync()]).toEqual([0.5, 0.5, 0.5]);
        const dx = grads(f)([x], tensor([0.3, 1.7, 2.1], [3, 1]))[0]!.dataSync();
        for (const value of dx) expect(Math.abs(value)).toBeLessThan(1e-3);
      }
    });
  });

  test('batch norm of many rows far from zero keeps its precision', () => {
    tidy(() => {
      const [rows, channels] = [40_000, 5];
      const x = tensor(
        Float32Array.from({ length: rows * channels }, (_, i) => 1000 + ((i * 7919) % 1000) / 1000),
        [rows, channels],
      );
      const { mean, variance } = batchNorm(x);
      const data = x.dataSync();
      for (let c = 0; c < channels; c++) {
        let [sum, squares] = [0, 0];
        for (let r = 0; r < rows; r++) sum += data[r * channels + c]!;
        for (let r = 0; r < rows; r++) squares += (data[r * channels + c]! - sum / rows) ** 2;
        expect(Math.abs(mean.dataSync()[c]! - sum / rows)).toBeLessThan(5e-4); // 4 roundings of 1000
        expect(Math.abs(variance.dataSync()[c]! / (squares / rows) - 1)).toBeLessThan(1e-3);
      }
    });
  });

  test('NaN stays in its row', () => {
    tidy(() => {
      const y = layerNorm(tensor([Number.NaN, 1, 2, 3, 4, 5, 6, 7], [2, 4])).dataSync();
      expect([...y].map(Number.isNaN)).toEqual([true, true, true, true, false, false, false, false]);
    });
  });
});
