import { ConfigError, key, memory, ShapeError } from '@dl/core';
import {
  add,
  concat,
  grads,
  mul,
  ones,
  slice,
  square,
  sum,
  type Tensor,
  tensor,
  tidy,
  valueAndGrads,
  withComposedOps,
  zeros,
} from '@dl/core/ops';
import { expectClose, expectNoLeaks, layerContract, onBackends } from '@dl/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainAttention, streamedAttention } from '../ops/scaled-dot-product';
import {
  AdditiveAttention,
  type Attention,
  LuongAttention,
  MultiHeadAttention,
  rotary,
  scaledDotProductAttention,
} from './index';

layerContract('AdditiveAttention', {
  make: (key) => new AdditiveAttention({ queryDim: 3, keyDim: 3, hidden: 5, key }),
  input: [2, 4, 3],
});
layerContract('AdditiveAttention with lengths and dropout', {
  make: (key) => new AdditiveAttention({ queryDim: 3, keyDim: 3, hidden: 4, bias: false, dropout: 0.3, key }),
  input: [3, 4, 3],
  context: { lengths: [2, 0, 4] },
});
for (const score of ['dot', 'scaled_dot', 'general', 'concat'] as const) {
  layerContract(`LuongAttention, ${score}`, {
    make: (key) => new LuongAttention({ queryDim: 3, score, key }),
    input: [3, 4, 3],
    context: { lengths: [4, 1, 3] },
  });
}
for (const align of ['monotonic', 'predictive'] as const) {
  layerContract(`LuongAttention, local ${align}`, {
    make: (key) => new LuongAttention({ queryDim: 3, local: { align, reach: 2 }, key }),
    input: [2, 6, 3],
    context: { lengths: [6, 4] },
  });
}
layerContract('MultiHeadAttention', {
  make: (key) => new MultiHeadAttention({ dim: 6, heads: 2, key }),
  input: [2, 5, 6],
  steady: true,
});
layerContract('MultiHeadAttention, causal with lengths and dropout', {
  make: (key) => new MultiHeadAttention({ dim: 6, heads: 3, causal: true, dropout: 0.3, bias: false, key }),
  input: [3, 5, 6],
  context: { lengths: [5, 0, 2] },
});
layerContract('MultiHeadAttention with shared keys and distances', {
  make: (key) => new MultiHeadAttention({ dim: 8, heads: 4, kvHeads: 2, relative: 2, key }),
  input: [2, 6, 8],
});
layerContract('MultiHeadAttention with rotary positions', {
  make: (key) => new MultiHeadAttention({ dim: 8, heads: 2, rotary: true, key }),
  input: [2, 4, 8],
});

const layers: Record<string, () => Attention> = {
  additive: () => new AdditiveAttention({ queryDim: 3, keyDim: 4, hidden: 5, key: key(0) }),
  general: () => new LuongAttention({ queryDim: 3, keyDim: 4, key: key(0) }),
  'local-p': () =>
    new LuongAttention({ queryDim: 3, keyDim: 4, local: { align: 'predictive', reach: 3 }, key: key(0) }),
};

onBackends(['wasm', 'cpu'], () => {
  test.each(Object.entries(layers))('%s: hidden keys weigh nothing, and nothing to look at gives zeros', (_, make) => {
    using layer = make();
    tidy(() => {
      const query = tensor(key(1).normal([3, 2, 3]), [3, 2, 3]);
      const source = tensor(key(2).normal([3, 5, 4]), [3, 5, 4]);
      const { output, weights } = layer.forward({ query, key: source, keyLengths: [2, 0, 5] });
      const rows = weights.arraySync() as number[][][];
      for (const row of rows[0]!) expect(row.slice(2)).toEqual([0, 0, 0]);
      expect(rows[1]).toEqual([Array(5).fill(0), Array(5).fill(0)]);
      expect([...output.dataSync().slice(8, 16)]).toEqual(Array(8).fill(0));
      expect(output.dataSync().every(Number.isFinite)).toBe(true);
    });
  });

  test('a mask with holes is the attention to the keys that are left', () => {
    using layer = new MultiHeadAttention({ dim: 4, heads: 2, key: key(0) });
    tidy(() => {
      const x = tensor(key(1).normal([1, 4, 4]), [1, 4, 4]);
      const left = concat([slice(x, [0, 0, 0], [1, 1, 4]), slice(x, [0, 2, 0], [1, 1, 4])], 1);
      const masked = layer.forward({ query: x, keyMask: tensor([1, 0, 1, 0], [1, 4]) });
      expectClose(masked.output, layer.forward({ query: x, key: left }).output, 1e-6);
    });
  });

  test('rotary positions: products depend on the distance alone', () => {
    tidy(() => {
      const [q, k] = [tensor(key(1).normal([1, 1, 8]), [1, 1, 8]), tensor(key(2).normal([1, 1, 8]), [1, 1, 8])];
      const product = (i: number, j: number) =>
        sum(mul(rotary(q, { heads: 2, offset: i }), rotary(k, { heads: 2, offset: j })));
      expectClose(product(3, 7), product(10, 14), 1e-5);
      expect(product(3, 7).dataSync()[0]).not.toBeCloseTo(product(3, 8).dataSync()[0]!, 3);
      expectClose(rotary(q, { offset: 0 }), q, 0);
    });
  });

  test('decoding step by step from projected keys is the causal whole', () => {
    for (const options of [{}, { rotary: true }, { relative: 2 }, { kvHeads: 1 }]) {
      using layer = new MultiHeadAttention({ dim: 8, heads: 2, causal: true, key: key(0), ...options });
      tidy(() => {
        const x = tensor(key(1).normal([2, 5, 8]), [2, 5, 8]);
        const whole = layer.forward(x).output;
        let known: ReturnType<typeof layer.remember> | undefined;
        for (let t = 0; t < 5; t++) {
          const step = slice(x, [0, t, 0], [2, 1, 8]);
          const fresh = layer.remember(step, step, t);
          known = known
            ? { key: concat([known.key, fresh.key], 1), value: concat([known.value, fresh.value], 1) }
            : fresh;
          const { output } = layer.attend(step, known, undefined, { offset: t });
          expectClose(output, slice(whole, [0, t, 0], [2, 1, 8]), 1e-5, `step ${t}`);
        }
      });
    }
  });

  test('a mask of booleans hides, one of numbers is added', () => {
    tidy(() => {
      const x = tensor(key(1).normal([2, 3, 4]), [2, 3, 4]);
      const inputs = { query: x, key: x, value: x };
      const may = tensor([1, 0, 0, 1, 1, 0, 0, 0, 0], [3, 3], 'bool');
      const { output, weights } = scaledDotProductAttention(inputs, { mask: may, needWeights: true });
      expect([...weights!.dataSync().slice(0, 3)]).toEqual([1, 0, 0]);
      expect([...weights!.dataSync().slice(6, 9)]).toEqual([0, 0, 0]);
      expectClose(scaledDotProductAttention(inputs, { mask: may }).output, output, 1e-6);
    });
  });

  test('what does not fit is refused by name', () => {
    using layer = new AdditiveAttention({ queryDim: 3, keyDim: 4, hidden: 5, key: key(0) });
    tidy(() => {
      const [query, source] = [ones([2, 1, 3]), ones([2, 5, 4])];
      expect(() => layer.forward({ query, key: query })).toThrow(/the key has 3 features, the layer expects 4/);
      expect(() => layer.forward({ query, key: ones([3, 5, 4]) })).toThrow(/2 sequences of queries and 3 of keys/);
      expect(() => layer.forward({ query, key: source, keyLengths: [1] })).toThrow(ShapeError);
      expect(() => layer.forward({ query, key: source, keyLengths: [1, 6] })).toThrow(/from 0 to 5.*sequence 1 is 6/);
      expect(() => layer.forward({ query, key: source, keyMask: ones([2, 4]) })).toThrow(ShapeError);
      expect(() => layer.forward({ query, key: source, value: ones([2, 4, 4]) })).toThrow(ShapeError);
      const attend = () => layer.attend(query, layer.remember({ key: source }), undefined, { coverage: ones([2, 5]) });
      expect(attend).toThrow(/coverage: true/);
      expect(() => scaledDotProductAttention({ query: source, key: source, value: source }, { heads: 3 })).toThrow(
        ShapeError,
      );
      const mask = ones([4, 5]);
      expect(() => scaledDotProductAttention({ query: source, key: source, value: source }, { mask })).toThrow(
        ShapeError,
      );
    });
    expect(() => new LuongAttention({ queryDim: 3, keyDim: 4, score: 'dot', key: key(0) })).toThrow(/general/);
    expect(() => new MultiHeadAttention({ dim: 6, heads: 4, key: key(0) })).toThrow(ConfigError);
    expect(() => new MultiHeadAttention({ dim: 6, heads: 3, kvHeads: 2, key: key(0) })).toThrow(ConfigError);
    expect(() => new MultiHeadAttention({ dim: 6, heads: 2, rotary: true, key: key(0) })).toThrow(/pairs/);
  });
});

onBackends(['wasm'], () => {
  const cases = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    queries: fc.integer({ min: 1, max: 70 }),
    keys: fc.integer({ min: 1, max: 40 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    shared: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 9 }),
    valueWidth: fc.integer({ min: 1, max: 9 }),
    causal: fc.option(fc.integer({ min: -3, max: 5 }), { nil: undefined }),
    ragged: fc.boolean(),
    holes: fc.boolean(),
    dropped: fc.boolean(),
    bias: fc.constantFrom(undefined, [1, 1], [0, 1], [1, 0], [0, 0]),
    reach: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    seed: fc.nat(1000),
  });

  test('streamed attention is the plain form, forward and backward', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { batch, queries, keys, kvHeads, width, valueWidth, reach } = c;
        const heads = kvHeads * c.shared;
        const draw = (name: string, shape: number[]) => tensor(key(c.seed).child(name).normal(shape), shape);
        tidy(() => {
          const limits = c.ragged
            ? key(c.seed)
                .child('limits')
                .integers(batch, 0, keys + 1)
            : new Int32Array(batch).fill(keys);
          const attrs = {
            heads,
            kvHeads,
            scale: 0.4,
            causal: c.causal,
            limits,
            mask: c.holes
              ? Float32Array.from(
                  key(c.seed)
                    .child('mask')
                    .uniform(batch * keys),
                  (u) => (u < 0.3 ? 0 : 1),
                )
              : undefined,
            dropout: c.dropped ? { rate: 0.4, key: key(c.seed).child('drop') } : undefined,
          };
          const given: Record<string, Tensor> = {
            query: draw('q', [batch, queries, heads * width]),
            key: draw('k', [batch, keys, kvHeads * width]),
            value: draw('v', [batch, keys, kvHeads * valueWidth]),
            ...(c.bias && { bias: draw('b', [c.bias[0] ? batch : 1, c.bias[1] ? heads : 1, queries, keys]) }),
            ...(reach !== undefined && { relative: draw('r', [heads, 2 * reach + 1]) }),
          };
          const names = Object.keys(given);
          const upstream = draw('dy', [batch, queries, heads * valueWidth]);
          const run = (op: (inputs: never) => Tensor) =>
            valueAndGrads((...xs: Tensor[]) => {
              const inputs = Object.fromEntries(names.map((name, i) => [name, xs[i]!]));
              return sum(mul(op(inputs as never), upstream));
            })(Object.values(given));
          const streamed = run((inputs) => streamedAttention(inputs, attrs));
          const composed = withComposedOps(() => run((inputs) => streamedAttention(inputs, attrs)));
          const plain = run((inputs) => plainAttention(inputs, attrs).output);
          for (const reference of [composed, plain]) {
            expectClose(streamed.value, reference.value, 2e-4, 'value');
            for (const [i, name] of names.entries()) {
              expectClose(streamed.grads[i]!, reference.grads[i]!, 5e-5 * Math.sqrt(queries), name);
            }
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  test('additive scores are the plain form for all sizes', () => {
    const sizes = fc.tuple(...[3, 5, 9, 21].map((max) => fc.integer({ min: 1, max })), fc.nat(99));
    fc.assert(
      fc.property(sizes, ([batch, queries, keys, hidden, seed]) => {
        using layer = new AdditiveAttention({
          queryDim: 3,
          keyDim: 2,
          hidden: hidden!,
          coverage: true,
          key: key(seed!),
        });
        tidy(() => {
          const query = tensor(key(1).normal([batch, queries!, 3]), [batch, queries!, 3]);
          const source = tensor(key(2).normal([batch, keys!, 2]), [batch, keys!, 2]);
          const had = tensor(key(3).uniform([batch, keys!]), [batch, keys!]);
          const run = () =>
            grads((q: Tensor, k: Tensor, coverage: Tensor) => {
              const { output, weights } = layer.attend(q, layer.remember({ key: k }), undefined, { coverage });
              return add(sum(square(output)), sum(square(weights)));
            })([query, source, had]);
          const [fused, composed] = [run(), withComposedOps(run)];
          for (const [i, gradient] of fused.entries()) expectClose(gradient, composed[i]!, 3e-5);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('the weights of a long sequence are never in memory, forward or backward', () => {
    const [time, heads, width] = [512, 2, 8];
    tidy(() => {
      const x = tensor(key(1).normal([1, time, heads * width]), [1, time, heads * width]);
      const inputs = { query: x, key: x, value: x };
      const peakOf = (attend: (input: typeof inputs) => Tensor) => {
        const before = memory().numBytes;
        let held = 0;
        tidy(() => {
          grads((q: Tensor) => {
            const y = sum(attend({ ...inputs, query: q }));
            held = memory().numBytes - before;
            return y;
          })([x]);
        });
        return held;
      };
      const streamed = peakOf((input) => scaledDotProductAttention(input, { heads }).output);
      const plain = peakOf((input) => scaledDotProductAttention(input, { heads, needWeights: true }).output);
      expect(plain).toBeGreaterThan(4 * heads * time * time);
      expect(streamed).toBeLessThan(0.2 * plain);
    });
  });

  test('NaN is not hidden', () => {
    tidy(() => {
      const x = tensor([Number.NaN, 1, 2, 3], [1, 2, 2]);
      const { output } = scaledDotProductAttention({ query: x, key: x, value: ones([1, 2, 2]) });
      expect([...output.dataSync()].some(Number.isNaN)).toBe(true);
    });
  });

  test('no tensor is left behind', () => {
    expectNoLeaks(() => {
      using layer = new MultiHeadAttention({ dim: 4, heads: 2, key: key(0) });
      const x = zeros([1, 3, 4]);
      const { output, weights } = layer.predict({ query: x, needWeights: true });
      for (const part of [x, output, weights!]) part.dispose();
    });
  });
});
