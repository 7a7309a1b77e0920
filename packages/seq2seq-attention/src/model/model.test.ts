import { ConfigError, type Context, type Key, key, Module, memory, type Shape, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { crossEntropy } from '@dl/core/losses';
import {
  add,
  argMax,
  concat,
  exp,
  ones,
  reshape,
  slice,
  stack,
  sum,
  type Tensor,
  tensor,
  tidy,
  tile,
  valueAndGrads,
} from '@dl/core/ops';
import { expectClose, layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import {
  type Bridge,
  Decoder,
  type DecoderConfig,
  Encoder,
  EncoderDecoder,
  type Seq2SeqConfig,
  seq2seq,
} from './index';

/** A decoder on a fixed target, as a layer of the memory; it begins in the first of the memory. */
class Reading extends Module {
  readonly decoder: Decoder;

  constructor(config: Omit<DecoderConfig, 'num' | 'dim' | 'hidden' | 'memoryDim'>) {
    super();
    this.decoder = new Decoder({ num: 4, dim: 2, hidden: 2, memoryDim: 2, ...config });
  }

  forward(memory: Tensor, ctx?: Context): Tensor {
    const batch = memory.shape[0];
    const target = tensor(Array<number[]>(batch).fill([2, 3]), [batch, 2], 'int32');
    const first = reshape(slice(memory, [0, 0, 0], [batch, 1, 2]), [1, batch, 2]);
    const state = { h: tile(first, [this.decoder.layers, 1, 1]) };
    return this.decoder.forward({ target, memory, memoryLengths: ctx?.lengths, state }, ctx).logits;
  }

  outputShape(): Shape {
    return this.decoder.outputShape([2]);
  }
}

const tokens = (shape: [number, number], size: number) => (k: Key) =>
  tensor(k.integers(shape, 0, size), shape, 'int32');

layerContract('Encoder', {
  make: (key) => new Encoder({ num: 4, dim: 1, hidden: 2, layers: 2, bidirectional: true, dropout: 0.2, key }),
  input: tokens([2, 3], 4),
  context: { lengths: [3, 1] },
});
for (const cell of ['gru', 'rnn'] as const) {
  layerContract(`Encoder, ${cell}`, {
    make: (key) => new Encoder({ num: 4, dim: 2, hidden: 2, cell, key }),
    input: tokens([2, 3], 4),
  });
}
const decoders: Record<string, Partial<DecoderConfig>> = {
  'without attention': {},
  additive: { attention: 'additive', dropout: 0.2 },
  'general with input feeding': { attention: 'general', inputFeeding: 'attentional', layers: 2, dropout: 0.2 },
  'additive attention before': { attention: 'additive', attend: 'before' },
  'attention before': { attention: { score: 'concat', dropout: 0.2 }, attend: 'before', cell: 'gru' },
  coverage: { attention: 'additive', coverage: true, inputFeeding: 'context', cell: 'rnn' },
};
for (const [name, config] of Object.entries(decoders)) {
  layerContract(`Decoder, ${name}`, {
    make: (key) => new Reading({ ...config, key }),
    input: [2, 2, 2],
    context: { lengths: [2, 1] },
    wrong: [],
  });
}

const batchOf = () => ({
  source: tensor([5, 6, 7, 8, 9, 4, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0], [4, 4], 'int32'),
  sourceLengths: [4, 2, 1, 0],
  target: tensor([2, 4, 5, 2, 6, 4, 2, 7, 7, 2, 4, 4], [4, 3], 'int32'),
});

const kinds: Record<string, Partial<Seq2SeqConfig>> = {
  plain: { attention: undefined },
  'one pass': { attention: 'additive', bidirectional: true },
  'input feeding': { attention: 'general', inputFeeding: 'attentional', layers: 2, cell: 'gru' },
  before: { attention: 'additive', attend: 'before' },
  coverage: { attention: 'additive', coverage: true },
  local: { attention: { score: 'dot', local: { align: 'monotonic', reach: 1 } } },
  copying: { attention: 'additive', copy: true },
  tied: { attention: 'general', tied: 'all', dim: 3 },
};
const make = (options: Partial<Seq2SeqConfig>, seed = 0) =>
  seq2seq({ source: 12, target: 12, hidden: 6, key: key(seed), ...options });

onBackends(['wasm', 'cpu'], () => {
  test.each(Object.entries(kinds))('%s: padding counts for nothing, alone or in a batch', (kind, options) => {
    using model = make(options);
    tidy(() => {
      const copies = kind === 'copying' ? { copyIds: batchOf().source } : {};
      const batch = { ...batchOf(), ...copies };
      const { logits, weights } = model.forward(batch);
      expect([...logits.dataSync()].every(Number.isFinite)).toBe(true);
      // Other tokens where there is padding.
      const changed = tensor([5, 6, 7, 8, 9, 4, 11, 3, 10, 2, 7, 9, 8, 8, 8, 8], [4, 4], 'int32');
      const other = model.forward({ ...batch, source: changed, ...(kind === 'copying' && { copyIds: changed }) });
      expectClose(other.logits, logits, 0);
      if (weights) {
        for (const [row, length] of batch.sourceLengths.entries()) {
          const rows = slice(weights, [row, 0, length], [1, 3, 4 - length]);
          expect([...rows.dataSync()].every((weight) => weight === 0)).toBe(true);
        }
      }
      for (const [row, length] of batch.sourceLengths.entries()) {
        const time = Math.max(1, length);
        const source = slice(batch.source, [row, 0], [1, time]);
        const alone = model.forward({
          source,
          sourceLengths: [length],
          target: slice(batch.target, [row, 0], [1, 3]),
          ...(kind === 'copying' && { copyIds: source }),
        });
        expectClose(alone.logits, slice(logits, [row, 0, 0], [1, 3, logits.shape[2]!]), 1e-5, `row ${row}`);
      }
    });
  });

  test('decoding step by step with the state cached is teacher forcing', () => {
    for (const [kind, options] of Object.entries(kinds)) {
      using model = make(options);
      tidy(() => {
        const batch = { ...batchOf(), ...(kind === 'copying' && { copyIds: batchOf().source }) };
        const { logits } = model.forward(batch);
        let state = model.start(batch);
        const steps: Tensor[] = [];
        for (let t = 0; t < 3; t++) {
          const step = model.step(reshape(slice(batch.target, [0, t], [4, 1]), [4]), state);
          state = step.state;
          steps.push(step.logits);
        }
        expectClose(stack(steps, 1), logits, 2e-5, kind);
      });
    }
  });

  test('scheduled sampling: none of the true tokens is decoding by oneself', () => {
    for (const options of [{ attention: 'additive' as const }, { attention: undefined, dropout: 0 }]) {
      using model = make(options);
      tidy(() => {
        const batch = batchOf();
        const ctx = { train: true, key: key(4) };
        const own = model.forward({ ...batch, teacherForcing: 0 }, ctx).logits;
        let state = model.start(batch);
        let last: Tensor = tensor([2, 2, 2, 2], [4], 'int32');
        for (let t = 0; t < 3; t++) {
          const step = model.step(last, state);
          state = step.state;
          last = argMax(step.logits, 1);
          expectClose(reshape(slice(own, [0, t, 0], [4, 1, 12]), [4, 12]), step.logits, 2e-5, `step ${t}`);
        }
        const mixed = model.forward({ ...batch, teacherForcing: 0.5 }, ctx).logits;
        expectClose(model.forward({ ...batch, teacherForcing: 0.5 }, ctx).logits, mixed, 0);
        expectClose(model.forward({ ...batch, teacherForcing: 1 }, ctx).logits, model.forward(batch, ctx).logits, 0);
      });
    }
  });

  test('a model that copies gives probabilities, those of unknown tokens too', () => {
    using model = make({ attention: 'additive', copy: true });
    tidy(() => {
      const copyIds = tensor([12, 6, 13, 12, 4, 4, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], [4, 4], 'int32');
      const { logits } = model.forward({ ...batchOf(), copyIds, copySize: 14 });
      expect(logits.shape).toEqual([4, 3, 14]);
      expectClose(sum(exp(logits), 2), ones([4, 3]), 1e-5);
      const chances = exp(logits).arraySync() as number[][][];
      expect(chances[0]![0]![12]).toBeGreaterThan(0.05);
      expect(chances[1]![0]![12]).toBeLessThan(1e-8); // it is not in that source
      // A copied token that the vocabulary lacks is read as <unk>.
      const target = tensor([2, 13, 12, 2, 6, 4, 2, 7, 7, 2, 4, 4], [4, 3], 'int32');
      const known = tensor([2, 1, 1, 2, 6, 4, 2, 7, 7, 2, 4, 4], [4, 3], 'int32');
      const [a, b] = [target, known].map((t) => model.forward({ ...batchOf(), target: t, copyIds, copySize: 14 }));
      expectClose(a!.logits, b!.logits, 0);
    });
  });

  test('coverage: attention to the same place again costs', () => {
    using model = make({ attention: 'additive', coverage: true });
    tidy(() => {
      const { coverageLoss, weights } = model.forward(batchOf());
      const rows = weights!.arraySync() as number[][][];
      let total = 0;
      for (const row of rows) {
        const had = [0, 0, 0, 0];
        for (const step of row) {
          total += step.reduce((cost, weight, j) => cost + Math.min(weight, had[j]!), 0);
          for (const [j, weight] of step.entries()) had[j]! += weight;
        }
      }
      expect(coverageLoss!.dataSync()[0]).toBeCloseTo(total / 12, 5);
    });
  });
});

onBackends(['wasm'], () => {
  test('weights have names, shared ones are there once, and go through a file', () => {
    using model = make({ attention: 'additive', bidirectional: true, copy: true });
    expect([...model.parameters().keys()].filter((name) => !name.includes('rnn'))).toEqual([
      'encoder.embedding.weight',
      'decoder.embedding.weight',
      'decoder.attention.query.weight',
      'decoder.attention.query.bias',
      'decoder.attention.key.weight',
      'decoder.attention.v',
      'decoder.combine.weight',
      'decoder.combine.bias',
      'decoder.out.weight',
      'decoder.out.bias',
      'decoder.pointer.weight',
      'decoder.pointer.bias',
      'bridge.h.weight',
      'bridge.h.bias',
      'bridge.c.weight',
      'bridge.c.bias',
    ]);
    using tied = make({ attention: 'additive', tied: 'all' });
    const names = [...tied.parameters().keys()];
    expect(names.filter((name) => name.includes('embedding'))).toEqual(['encoder.embedding.weight']);
    expect(names).toContain('decoder.bias');
    using twin = make({ attention: 'additive', bidirectional: true, copy: true }, 1);
    const { tensors } = decodeSafetensors(encodeSafetensors(model.stateDict()));
    tidy(() => {
      twin.loadStateDict(new Map([...tensors].map(([name, stored]) => [name, stored.tensor()])));
      expectClose(twin.forward(batchOf()).logits, model.forward(batchOf()).logits, 0);
    });
  });

  test('a known target is read in one pass where nothing is fed back', () => {
    const steps = (options: Partial<Seq2SeqConfig>) => {
      using model = make(options);
      return model.decoder.isSequential;
    };
    expect(steps({ attention: 'additive' })).toBe(false);
    expect(steps({ attention: undefined })).toBe(false);
    expect(steps({ attention: 'additive', inputFeeding: 'context' })).toBe(true);
  });

  test('gradients reach every parameter, and nothing is left behind', () => {
    for (const options of Object.values(kinds)) {
      using model = make({ ...options, dropout: 0.1 });
      const before = memory().numTensors;
      tidy(() => {
        const batch = { ...batchOf(), ...(options.copy && { copyIds: batchOf().source }) };
        const labels = tensor([4, 5, 3, 6, 4, 3, 7, 7, 3, 4, 4, 3], [4, 3], 'int32');
        const params = [...model.parameters()];
        const { grads } = valueAndGrads((...values: Tensor[]) => {
          const run = params.reduce<() => Tensor>(
            (f, [, param], i) =>
              () =>
                param.during(values[i]!, f),
            () => {
              const { logits, coverageLoss } = model.forward(batch, { train: true, key: key(1) });
              const loss = crossEntropy(logits, labels);
              return coverageLoss ? add(loss, coverageLoss) : loss;
            },
          );
          return run();
        })(params.map(([, param]) => param.value));
        for (const [i, gradient] of grads.entries()) {
          const largest = Math.max(...Array.from(gradient.dataSync(), Math.abs));
          expect(largest, params[i]![0]).toBeGreaterThan(0);
        }
      });
      expect(memory().numTensors).toBe(before);
    }
  });

  test('what does not fit is refused by name', () => {
    const [encoder, both] = [false, true].map(
      (bidirectional) => new Encoder({ num: 9, dim: 3, hidden: 4, bidirectional, key: key(0) }),
    );
    const decoder = (options: Partial<DecoderConfig>) =>
      new Decoder({ num: 9, dim: 3, hidden: 4, memoryDim: 4, attention: 'additive', key: key(0), ...options });
    const join = (e: Encoder | undefined, d: Decoder, bridge?: Bridge) => () =>
      new EncoderDecoder({ encoder: e!, decoder: d, bridge });
    expect(join(both, decoder({}))).toThrow(/the encoder gives 8 features, the decoder looks for 4/);
    expect(join(encoder, decoder({ hidden: 5 }))).toThrow(/ends in a state of 4, the decoder begins in one of 5/);
    expect(join(encoder, decoder({ layers: 2 }))).toThrow(/1 layers, the decoder 2/);
    expect(join(both, decoder({ memoryDim: 8, hidden: 8 }))).toThrow(/needs a bridge/);

    expect(() => decoder({ attention: undefined, copy: true })).toThrow(/copy needs attention/);
    expect(() => decoder({ attention: 'dot', coverage: true })).toThrow(/coverage needs additive attention/);
    expect(() => decoder({ attend: 'before', inputFeeding: 'context' })).toThrow(/leave inputFeeding out/);
    expect(() => decoder({ attend: 'during' as never })).toThrow(/attend is 'during'/);
    expect(() => decoder({ tied: true, combine: 5 })).toThrow(/set combine: 3/);
    expect(() => decoder({ cell: 'tree' as never })).toThrow(/there is no cell 'tree'/);
    expect(() => make({ tied: 'all', target: 13 })).toThrow(/use one vocabulary for both/);

    using model = make({ attention: 'additive', maxLength: 3 });
    tidy(() => {
      const { source, target } = batchOf();
      const run = (input: object) => () => model.forward({ source, target, ...input });
      expect(run({})).toThrow(/source 0 has 4 tokens, the model was made for 3 at most/);
      const short = slice(source, [0, 0], [4, 3]);
      expect(run({ source: short })).not.toThrow();
      expect(run({ source: short, sourceLengths: [1] })).toThrow(ShapeError);
      expect(run({ source: short, sourceLengths: [4, 1, 1, 1] })).toThrow(/from 0 to 3/);
      expect(run({ source: short, target: slice(target, [0, 0], [3, 3]) })).toThrow(/a row of target tokens for each/);
      expect(run({ source: reshape(short, [12]) })).toThrow(ShapeError);
      expect(run({ source: tensor(new Int32Array(12).fill(12), [4, 3], 'int32') })).toThrow(
        /source 0: token 0 is 12, the vocabulary has the numbers 0 to 11/,
      );
      expect(run({ source: short, teacherForcing: 1.5 })).toThrow(ConfigError);
      expect(run({ source: short, target: concat([target, target], 1), copyIds: ones([4, 2]) })).toThrow(/copyIds/);
    });
  });
});
