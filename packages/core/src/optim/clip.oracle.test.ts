import { expectGolden, readOracle } from '@dl/testing';
import '@tensorflow/tfjs-backend-cpu';
import { memory, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { Param } from '../nn/param';
import { withComposedOps } from '../ops/define-op';
import { clipGradNorm, clipGradValue, sgd } from './index';

const { cases } = readOracle('torch', 'grad_clip');

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  test.each(cases)('$name', async ({ op, params, inputs, outputs }) => {
    await init({ backend });
    const before = memory().numTensors;
    const grads = new Map(Object.entries(inputs).map(([name, g]) => [name, tensor(g.data, g.shape)]));
    if (op === 'clip_grad_norm') {
      const normType = Number(params.norm_type === 'inf' ? Infinity : params.norm_type);
      const norm = clipGradNorm(grads, params.max_norm as number, { normType });
      expectGolden({ shape: [], data: [norm] }, outputs.total_norm!, 0, 'norm');
    } else if (op === 'clip_grad_value') {
      clipGradValue(grads, params.clip_value as number);
    } else throw new Error(`no clipping for ${op}`);
    for (const [name, grad] of grads) expectGolden(grad, outputs[name]!, 0, name);
    for (const grad of grads.values()) grad.dispose();
    expect(memory().numTensors).toBe(before);
  });

  // Plain SGD of rate 1 from 0 lays the clipped gradient open.
  test.each(cases.filter(({ params }) => (params.norm_type ?? 2) === 2))('$name within a step', async (golden) => {
    await init({ backend });
    const { params, inputs, outputs } = golden;
    const options =
      'max_norm' in params ? { clipNorm: params.max_norm as number } : { clipValue: params.clip_value as number };
    for (const form of [<T>(f: () => T) => f(), withComposedOps]) {
      const grads = new Map(Object.entries(inputs).map(([name, g]) => [name, tensor(g.data, g.shape)]));
      const zeros = [...grads].map(([name, { shape, size }]) => [
        name,
        new Param(tensor(new Float32Array(size), shape)),
      ]);
      const model = new Map(zeros as [string, Param][]);
      form(() => sgd({ lr: 1, ...options }).step(model, grads));
      for (const [name, { value }] of model) {
        const moved = { shape: value.shape, data: value.dataSync().map((x) => -x) };
        expectGolden(moved, outputs[name]!, 0, name);
        expect([...grads.get(name)!.dataSync()]).toEqual([...Float32Array.from(inputs[name]!.data)]);
      }
    }
  });
});
