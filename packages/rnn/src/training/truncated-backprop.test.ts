import { ConfigError, evaluate, fit, init, key, memory, NumericsError, trainStep } from '@dl/core';
import { disposeBatch } from '@dl/core/data';
import { crossEntropy, mse } from '@dl/core/losses';
import { sequential, summary } from '@dl/core/nn';
import { slice, sum, type Tensor, tensor, tidy, valueAndGrads, zeros } from '@dl/core/ops';
import { adam, sgd } from '@dl/core/optim';
import { expectClose } from '@dl/testing';
import { beforeAll, expect, test } from 'vitest';
import { LSTM } from '../lstm';
import { RNNLanguageModel } from '../models/language-model';
import { RNN } from '../rnn';
import { gru, lstm } from '../specs';
import { streams } from './streams';
import { truncatedBackprop } from './truncated-backprop';

beforeAll(() => init());

test('the state goes on from piece to piece, the gradient does not', () => {
  using layer = new LSTM({ in: 2, hidden: 3, layers: 2, key: key(0) });
  using x = tensor(key(1).normal([2, 9, 2]), [2, 9, 2]);
  const { numTensors } = memory();
  const loss = truncatedBackprop((output) => sum(output));
  tidy(() => {
    const whole = layer.forward(x).output;
    const params = [...layer.parameters().values()].map(({ value }) => value);
    let state: Parameters<typeof layer.forward>[2];
    for (const [i, start] of [0, 3, 6].entries()) {
      const piece = slice(x, [0, start, 0], [2, 3, 2]);
      const batch = { x: piece, y: piece, first: i === 0 };
      const carried = valueAndGrads(() => {
        const result = loss.compute(layer as never, batch, { train: true }) as { loss: Tensor; prediction: Tensor };
        expectClose(result.prediction, slice(whole, [0, start, 0], [2, 3, 3]), 1e-6);
        return result.loss;
      })(params);
      const before = state;
      const detached = valueAndGrads(() => sum(layer.forward(piece, undefined, before).output))(params);
      const { h, c } = layer.forward(piece, undefined, before);
      state = { h, c };
      for (const [j, gradient] of carried.grads.entries()) expectClose(gradient, detached.grads[j]!, 1e-5);
    }
    // A sequence that begins anew, and one of another batch size, start from zeros.
    for (const [first, rows] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const piece = slice(x, [0, 0, 0], [rows, 3, 2]);
      const result = loss.compute(layer as never, { x: piece, y: piece, first }, { train: true }) as {
        prediction: Tensor;
      };
      expectClose(result.prediction, slice(whole, [0, 0, 0], [rows, 3, 3]), 1e-6);
    }
  });
  loss.dispose();
  expect(memory().numTensors).toBe(numTensors);
});

test('works in fit and evaluate, with states of their own', async () => {
  const tokens = key(3).integers(200, 0, 4);
  using model = new RNNLanguageModel({ vocabulary: 4, hidden: 5, key: key(0) });
  const loss = truncatedBackprop(crossEntropy);
  const optimizer = adam({ lr: 0.01 });
  const { numTensors } = memory();
  const data = streams(tokens, { batch: 3, steps: 10 });
  const run = fit(model, { data, loss, optimizer, epochs: 2 });
  for await (const step of run.steps({ every: 4 })) {
    expect(step.loss).toBeGreaterThan(0);
    await evaluate(model, streams(tokens, { batch: 2, steps: 8 }), { loss });
  }
  loss.dispose();
  optimizer.dispose();
  expect(memory().numTensors).toBe(numTensors);
});

test('a model that cannot begin in a state is refused', () => {
  using model = sequential({ input: [4, 2], key: key(0) }, [lstm({ hidden: 3 })]);
  using x = zeros([1, 4, 2]);
  const loss = truncatedBackprop(mse);
  expect(() => loss.compute(model, { x, y: x, first: true }, { train: true })).toThrow(ConfigError);
});

test('streams: every token but the rest, in order, and its successor', () => {
  const tokens = Int32Array.from({ length: 23 }, (_, i) => i);
  const data = streams(tokens, { batch: 2, steps: 4 });
  const read = (skip: number) =>
    [...(data.batches(0, skip) as Iterable<{ x: Tensor; y: Tensor; first: boolean }>)].map((batch) => {
      const plain = { x: batch.x.arraySync(), y: batch.y.arraySync(), first: batch.first };
      disposeBatch(batch);
      return plain;
    });
  expect(read(0)).toEqual([
    {
      x: [
        [0, 1, 2, 3],
        [11, 12, 13, 14],
      ],
      y: [
        [1, 2, 3, 4],
        [12, 13, 14, 15],
      ],
      first: true,
    },
    {
      x: [
        [4, 5, 6, 7],
        [15, 16, 17, 18],
      ],
      y: [
        [5, 6, 7, 8],
        [16, 17, 18, 19],
      ],
      first: false,
    },
    {
      x: [
        [8, 9],
        [19, 20],
      ],
      y: [
        [9, 10],
        [20, 21],
      ],
      first: false,
    },
  ]);
  expect(read(1)).toEqual(read(0).slice(1));
  expect(data.size).toBe(3);
  expect(() => streams([1, 2, 3], { batch: 2, steps: 4 })).toThrow(ConfigError);
  expect(() => streams(tokens, { batch: 2, steps: 0 })).toThrow(/steps/);
});

test('NaN in the input ends a training before the parameters change, and is named', () => {
  using model = sequential({ input: [4, 2], key: key(0) }, [lstm({ hidden: 3 }), gru({ hidden: 2, returns: 'last' })]);
  const step = trainStep(model, mse, sgd({ lr: 0.1 }));
  const values = new Float32Array(16);
  values[5] = NaN;
  using x = tensor(values, [2, 4, 2]);
  using y = zeros([2, 2]);
  const before = [...model.parameters().values()].map(({ value }) => [...value.dataSync()]);
  expect(() => step({ x, y })).toThrow(NumericsError);
  expect(() => step({ x, y })).toThrow(/batch|input|x/);
  expect([...model.parameters().values()].map(({ value }) => [...value.dataSync()])).toEqual(before);
});

test('the summary counts what a sequence keeps for the backward pass', () => {
  const bytes = (layer: RNN | LSTM) => summary(layer, { input: [100, 3] }).activationBytes;
  using plain = new RNN({ in: 3, hidden: 8, key: key(0) });
  using gated = new LSTM({ in: 3, hidden: 8, key: key(0) });
  using lean = new LSTM({ in: 3, hidden: 8, recompute: true, key: key(0) });
  const output = (size: number) => 4 * (100 * size + size + size); // output, last, h
  expect(bytes(plain)).toBe(output(8) + 4 * 100 * 8);
  expect(bytes(gated)).toBe(output(8) + 4 * 8 + 4 * 100 * 6 * 8);
  expect(bytes(lean)).toBeLessThan(bytes(gated) / 3);
  using stack = sequential({ input: [100, 3], key: key(0) }, [lstm({ hidden: 8, returns: 'last' })]);
  expect(summary(stack, { input: [100, 3] }).activationBytes).toBeGreaterThan(4 * 100 * 6 * 8);
});
