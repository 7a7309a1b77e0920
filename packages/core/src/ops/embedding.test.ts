import '@tensorflow/tfjs-backend-cpu';
import { expectGolden, type OracleTensor, readOracle } from '@dl/testing';
import { grad, memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DtypeError, ShapeError } from '../errors';
import { embedding } from './embedding';

const load = ({ data, shape, dtype }: OracleTensor) => tensor(data, shape, dtype === 'i' ? 'int32' : 'float32');

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each(readOracle('torch', 'activations').cases.filter(({ op }) => op === 'embedding'))('$name', (golden) => {
    const { params, inputs, outputs, grad_outputs, grads, f32_noise } = golden;
    const paddingIdx = (params as { padding_idx: number | null }).padding_idx ?? undefined;
    const before = memory().numTensors;
    tidy(() => {
      const [ids, weight] = [load(inputs.ids!), load(inputs.w!)];
      const f = (weight: Tensor) => embedding(ids, weight, { paddingIdx });
      expectGolden(f(weight), outputs.y!, f32_noise?.y, 'y');
      expectGolden(grad(f)(weight, load(grad_outputs!.y!)), grads!.w!, f32_noise?.['grad:w'], 'gradient of w');
    });
    expect(memory().numTensors).toBe(before);
  });

  test('no indices give no rows', () => {
    tidy(() => {
      expect(embedding(tensor([], [0, 3], 'int32'), tensor([[1, 2]])).shape).toEqual([0, 3, 2]);
    });
  });

  test('bad input is refused', () => {
    tidy(() => {
      const weight = tensor([[1], [2]]);
      expect(() => embedding(tensor([0, 1, 2], [3], 'int32'), weight)).toThrow('index 2 at place 2 is not from 0 to 1');
      expect(() => embedding(tensor([-1], [1], 'int32'), weight)).toThrow(ConfigError);
      expect(() => embedding(tensor([0]), weight)).toThrow(DtypeError);
      expect(() => embedding(tensor([0], [1], 'int32'), tensor([1]))).toThrow(ShapeError);
      expect(() => embedding(tensor([0], [1], 'int32'), weight, { paddingIdx: 2 })).toThrow('paddingIdx is 2');
    });
  });
});
