import { ConfigError, DtypeError, fit, init, key, memory } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { crossEntropy } from '@dl/core/losses';
import { tensor, tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { expectNoLeaks, layerContract } from '@dl/testing';
import { beforeAll, expect, test } from 'vitest';
import { streams } from '../training/streams';
import { truncatedBackprop } from '../training/truncated-backprop';
import { Characters } from './characters';
import { RNNLanguageModel } from './language-model';
import { sampleToken, tokenProbabilities } from './sampling';

beforeAll(() => init());

for (const [name, options] of Object.entries({
  'of embeddings': { embedding: 3, dropout: 0.2, layers: 2, type: 'gru' },
  'of ones in the place of the token': { type: 'rnn' },
} as const)) {
  layerContract(`RNNLanguageModel ${name}`, {
    make: (key) => new RNNLanguageModel({ vocabulary: 5, hidden: 3, ...options, key }),
    input: (key) => tensor(key.integers(6, 0, 5), [2, 3], 'int32'),
    wrong: [[2], [2, 3, 1]],
  });
}

test('learns a text, continues it, and its perplexity falls to almost 1', async () => {
  const text = 'one two three four five. '.repeat(32);
  const characters = Characters.of(text);
  const tokens = characters.encode(text);
  using model = new RNNLanguageModel({ vocabulary: characters.size, hidden: 32, key: key(0) });
  const before = model.perplexity(tokens);
  expect(before).toBeGreaterThan(characters.size * 0.8); // as good as nothing is known
  const loss = truncatedBackprop(crossEntropy);
  const optimizer = adam({ lr: 0.02 });
  const data = streams(tokens, { batch: 4, steps: 16 });
  const { numTensors } = memory();
  await fit(model, { data, loss, optimizer, epochs: 12 }).finish();
  loss.dispose();
  optimizer.dispose();
  expect(memory().numTensors).toBe(numTensors);
  expect(model.perplexity(tokens)).toBeLessThan(1.3);
  expect(model.perplexity(tokens, { steps: 7 })).toBeCloseTo(model.perplexity(tokens), 4);
  const drawn = expectNoLeaks(() =>
    model.sample({ prompt: characters.encode('one two '), length: 16, temperature: 0, key: key(1) }),
  );
  expect(characters.decode(drawn)).toBe('three four five.');

  using twin = new RNNLanguageModel({ vocabulary: characters.size, hidden: 32, key: key(5) });
  const { tensors } = decodeSafetensors(encodeSafetensors(model.stateDict()));
  tidy(() => void twin.loadStateDict(new Map([...tensors].map(([name, stored]) => [name, stored.tensor()]))));
  const options = { prompt: [0, 1], length: 12, temperature: 0.8, topK: 4, topP: 0.9, key: key(3) };
  expect(twin.sample(options)).toEqual(model.sample(options));
});

test('the same key draws the same text, another one another', () => {
  using model = new RNNLanguageModel({ vocabulary: 9, hidden: 4, key: key(0) });
  const draw = (seed: number) => [...model.sample({ prompt: [1], length: 20, key: key(seed) })];
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('names of the parameters are those of PyTorch', () => {
  using model = new RNNLanguageModel({ vocabulary: 5, embedding: 2, hidden: 3, key: key(0) });
  expect([...model.parameters().keys()]).toEqual([
    'encoder.weight',
    'rnn.weight_ih_l0',
    'rnn.weight_hh_l0',
    'rnn.bias_ih_l0',
    'rnn.bias_hh_l0',
    'decoder.weight',
    'decoder.bias',
  ]);
});

test('tokens out of range, and options that make no sense, are refused', () => {
  for (const embedding of [undefined, 3]) {
    using model = new RNNLanguageModel({ vocabulary: 5, ...(embedding && { embedding }), hidden: 3, key: key(0) });
    expect(() => model.predict(tensor([[0, 5]], [1, 2], 'int32'))).toThrow(/token 5 at place 1 is not from 0 to 4/);
    expect(() => model.predict(tensor([[0, -1]], [1, 2], 'int32'))).toThrow(ConfigError);
    expect(() => model.predict(tensor([[0, 1]]))).toThrow(DtypeError);
    expect(() => model.sample({ prompt: [], length: 1, key: key(0) })).toThrow(/prompt is empty/);
    expect(() => model.sample({ prompt: [1], length: 1, topP: 0, key: key(0) })).toThrow(/topP/);
    expect(() => model.sample({ prompt: [1], length: 1, topK: 1.5, key: key(0) })).toThrow(/topK/);
    expect(() => model.sample({ prompt: [1], length: 1, temperature: -1, key: key(0) })).toThrow(/temperature/);
    expect(() => model.perplexity([1])).toThrow(/at least two/);
  }
  expect(() => new RNNLanguageModel({ vocabulary: 0, hidden: 3, key: key(0) })).toThrow(ConfigError);
  expect(() => new RNNLanguageModel({ vocabulary: 5, hidden: 3, type: 'cnn' as 'rnn', key: key(0) })).toThrow(/type/);
  expect(() => Characters.of('abc').encode('abd')).toThrow(/no token for "d"/);
  expect(() => Characters.of('abc').decode([3])).toThrow(/token 3/);
  expect(() => new Characters(['a', 'a'])).toThrow(ConfigError);
});

test('temperature, top-k and top-p, by hand', () => {
  const logits = [Math.log(0.5), Math.log(0.1), Math.log(0.3), Math.log(0.1)];
  const near = (options: Parameters<typeof tokenProbabilities>[1], expected: number[]) => {
    for (const [i, p] of tokenProbabilities(logits, options).entries()) expect(p).toBeCloseTo(expected[i]!, 12);
  };
  near({}, [0.5, 0.1, 0.3, 0.1]);
  near({ temperature: 0 }, [1, 0, 0, 0]);
  near({ topK: 2 }, [0.625, 0, 0.375, 0]);
  near({ topP: 0.5 }, [1, 0, 0, 0]);
  near({ topP: 0.51 }, [0.625, 0, 0.375, 0]);
  near({ topK: 3, topP: 0.9 }, [5 / 9, 1 / 9, 3 / 9, 0]);
  near(
    { temperature: 0.5 },
    [0.25, 0.01, 0.09, 0.01].map((p) => p / 0.36),
  );
  const counts = new Float64Array(4);
  for (let i = 0; i < 4000; i++) counts[sampleToken(logits, key(i), {})]!++;
  for (const [i, p] of [0.5, 0.1, 0.3, 0.1].entries()) expect(counts[i]! / 4000).toBeCloseTo(p, 1);
});
