import { ConfigError, key, memory, ShapeError } from '@dl/core';
import { linear, sequential, sequentialFromJSON } from '@dl/core/nn';
import {
  add,
  grads,
  mul,
  ones,
  reshape,
  slice,
  sum,
  type Tensor,
  tensor,
  tidy,
  valueAndGrads,
  withComposedOps,
} from '@dl/core/ops';
import { expectClose, layerContract, onBackends } from '@dl/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GRU } from './gru';
import { LSTM } from './lstm';
import type { Recurrent, RecurrentConfig, RecurrentOutput } from './recurrent';
import { RNN } from './rnn';
import { gru, lstm } from './specs';

const kinds: Record<string, (config: RecurrentConfig) => Recurrent<RecurrentOutput>> = {
  RNN: (config) => new RNN(config),
  'RNN of relu': (config) => new RNN({ ...config, nonlinearity: 'relu' }),
  LSTM: (config) => new LSTM(config),
  'LSTM projected': (config) => new LSTM({ ...config, projSize: config.hidden - 1 }),
  GRU: (config) => new GRU(config),
};

for (const [name, make] of Object.entries(kinds)) {
  layerContract<RecurrentOutput>(name, {
    make: (key) => make({ in: 3, hidden: 5, key }),
    input: [2, 4, 3],
    wrong: [
      [2, 4, 2],
      [2, 3],
    ],
    steady: name === 'LSTM',
  });
  layerContract<RecurrentOutput>(`${name}, stacked both ways, of different lengths`, {
    make: (key) => make({ in: 3, hidden: 3, layers: 2, bidirectional: true, dropout: 0.3, key }),
    input: [3, 4, 3],
    context: { lengths: [2, 0, 4] },
  });
  layerContract<RecurrentOutput>(`${name} with recomputed gates`, {
    make: (key) => make({ in: 2, hidden: 4, recompute: true, bias: false, reverse: true, key }),
    input: [2, 3, 2],
  });
}

onBackends(['wasm', 'cpu'], () => {
  test.each(Object.entries(kinds))('%s: steps, one by one, are the sequence', (_, make) => {
    using layer = make({ in: 3, hidden: 6, layers: 2, key: key(1) });
    tidy(() => {
      const x = tensor(key(2).normal([2, 5, 3]), [2, 5, 3]);
      const whole = layer.forward(x);
      let state: Parameters<typeof layer.step>[1];
      for (let t = 0; t < 5; t++) {
        const step = layer.step(reshape(slice(x, [0, t, 0], [2, 1, 3]), [2, 3]), state);
        expectClose(
          step.output,
          reshape(slice(whole.output, [0, t, 0], [2, 1, step.output.shape[1]!]), step.output.shape),
          1e-5,
        );
        state = step.state;
      }
      expectClose(state!.h, whole.h, 1e-5);
    });
  });

  test('a mask of leading steps is what lengths are', () => {
    using layer = new GRU({ in: 2, hidden: 3, bidirectional: true, key: key(1) });
    tidy(() => {
      const x = tensor(key(2).normal([2, 3, 2]), [2, 3, 2]);
      const mask = tensor([1, 1, 0, 1, 0, 0], [2, 3]);
      const [a, b] = [layer.forward(x, { train: false, lengths: [2, 1] }), layer.forward(x, { train: false, mask })];
      expectClose(a.output, b.output, 0);
      expectClose(a.last, b.last, 0);
    });
  });
});

onBackends(['wasm'], () => {
  const shapes = fc.record({
    kind: fc.constantFrom(...Object.keys(kinds)),
    batch: fc.integer({ min: 1, max: 7 }),
    time: fc.integer({ min: 1, max: 9 }),
    inputs: fc.integer({ min: 1, max: 9 }),
    hidden: fc.integer({ min: 2, max: 19 }),
    seed: fc.nat(1000),
    ragged: fc.boolean(),
  });

  test('kernels are the cells, for all sizes', () => {
    fc.assert(
      fc.property(shapes, ({ kind, batch, time, inputs, hidden, seed, ragged }) => {
        using layer = kinds[kind]!({ in: inputs, hidden, key: key(seed) });
        tidy(() => {
          const x = tensor(key(seed).child('x').normal([batch, time, inputs]), [batch, time, inputs]);
          const lengths = [
            ...key(seed)
              .child('lengths')
              .integers(batch, 0, time + 1),
          ];
          const ctx = { train: false, ...(ragged && { lengths }) };
          const params = [...layer.parameters().values()].map((param) => param.value);
          const run = () =>
            grads((...given: Tensor[]) => {
              const { output, last } = layer.forward(given[0]!, ctx);
              return add(sum(mul(output, output)), sum(last));
            })([x, ...params]);
          const [fused, cells] = [run(), withComposedOps(run)];
          for (const [i, gradient] of fused.entries()) {
            const reference = cells[i]!.dataSync() as Float32Array;
            const scale = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
            expectClose(gradient, cells[i]!, 2e-5 * scale, `${kind} gradient ${i}`);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  test('without a gradient nothing is kept, and the outputs are the same', () => {
    using layer = new LSTM({ in: 4, hidden: 9, key: key(3) });
    tidy(() => {
      const x = tensor(key(4).normal([40, 20, 4]), [40, 20, 4]); // several chunks of steps
      const light = layer.forward(x);
      const { value } = valueAndGrads((input: Tensor) => sum(layer.forward(input).output))([x]);
      expectClose(sum(light.output), value, 1e-3);
      const before = memory().numTensors;
      tidy(() => void layer.forward(x));
      expect(memory().numTensors).toBe(before);
    });
  });

  test('in a stack, by specs that survive JSON', () => {
    using model = sequential({ input: [6, 2], key: key(0) }, [
      lstm({ hidden: 4, bidirectional: true }),
      gru({ hidden: 3, returns: 'last' }),
      linear({ out: 1 }),
    ]);
    expect([...model.parameters().keys()]).toContain('0.weight_ih_l0_reverse');
    using y = model.predict(tidy(() => ones([5, 6, 2])));
    expect(y.shape).toEqual([5, 1]);
    using twin = sequentialFromJSON(JSON.parse(JSON.stringify(model)), key(0));
    expectClose(twin.predict(ones([5, 6, 2])), y, 0);
  });

  test('what makes no sense is refused', () => {
    using layer = new LSTM({ in: 3, hidden: 4, key: key(0) });
    tidy(() => {
      const x = ones([2, 5, 3]);
      const refuse = (ctx: object, state?: Parameters<typeof layer.forward>[2]) => () =>
        layer.forward(x, { train: false, ...ctx }, state);
      expect(refuse({ lengths: [1] })).toThrow(ShapeError);
      expect(refuse({ lengths: [1, 6] })).toThrow(/from 0 to 5, one is 6/);
      expect(refuse({ lengths: [1, 2.5] })).toThrow(ConfigError);
      expect(refuse({ mask: ones([2, 4]) })).toThrow(ShapeError);
      expect(refuse({}, { h: ones([2, 2, 4]) })).toThrow(
        /LSTM: the state h has another shape[\s\S]*layers\*directions=1/,
      );
      expect(refuse({}, { h: ones([1, 2, 4]), c: ones([1, 3, 4]) })).toThrow(ShapeError);
    });
    expect(() => new LSTM({ in: 3, hidden: 4, projSize: 4, key: key(0) })).toThrow(/smaller than hidden/);
    expect(() => new GRU({ in: 3, hidden: 0, key: key(0) })).toThrow(ConfigError);
    expect(() => new RNN({ in: 3, hidden: 2, bidirectional: true, reverse: true, key: key(0) })).toThrow(ConfigError);
    using both = new GRU({ in: 3, hidden: 2, bidirectional: true, key: key(0) });
    expect(() => both.step(ones([1, 3]))).toThrow(ConfigError);
  });
});
