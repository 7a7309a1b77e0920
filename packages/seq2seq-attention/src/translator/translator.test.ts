import { ConfigError, evaluate, FormatError, key, memory, perplexity } from '@dl/core';
import { adam } from '@dl/core/optim';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { tokenAccuracy } from '../metrics';
import { jamoTokenizer, wordTokenizer } from '../text';
import { linearForcing, seq2seqLoss } from '../training';
import { type TextPair, Translator, type TranslatorModel } from './index';

const digits = ['영', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구'];
/** Numbers in Hangul and in digits; sources of different lengths. */
const pairs: TextPair[] = Array.from({ length: 120 }, (_, n) => [
  [...String(n)].map((digit) => digits[Number(digit)]).join(' '),
  String(n),
]);

const models: Record<string, TranslatorModel & { epochs: number }> = {
  'with attention': { epochs: 14, hidden: 20, bidirectional: true, attention: 'additive' },
  'without attention': { epochs: 30, hidden: 24, cell: 'gru' },
  Transformer: { epochs: 24, kind: 'transformer', dim: 24, heads: 2, layers: 1, dropout: 0, positions: 'rotary' },
};

onBackends(['wasm'], () => {
  test.each(Object.entries(models))(
    '%s: learns, translates, and goes through a file',
    async (_, { epochs, ...model }) => {
      const before = memory().numTensors;
      {
        using translator = Translator.of(pairs, { source: jamoTokenizer(), model, key: key(0) });
        const optimizer = adam({ lr: 0.01 });
        const run = translator.fit(pairs, { epochs, batch: 24, optimizer });
        const { loss } = await run.finish();
        optimizer.dispose();
        expect(run.history[0]!.loss).toBeGreaterThan(4 * loss);
        const some = pairs.slice(90, 110);
        const written = await translator.translate(some.map(([text]) => text));
        const right = written.filter((text, i) => text === some[i]![1]).length;
        expect(right).toBeGreaterThan(14);
        const { tokenAccuracy: share } = await evaluate(translator.model, translator.batches(some), {
          loss: seq2seqLoss(),
          metrics: { tokenAccuracy: tokenAccuracy(), perplexity: perplexity({ ignoreIndex: 0 }) },
        });
        expect(share).toBeGreaterThan(0.85);

        using twin = Translator.fromBytes(translator.toBytes());
        expect(await twin.translate(some.map(([text]) => text))).toEqual(written);
        const [best] = await twin.translations(['일 이'], { beam: 4, nBest: 3 });
        expect(best).toHaveLength(3);
        expect(best![0]!.score).toBeGreaterThanOrEqual(best![2]!.score);
      }
      expect(memory().numTensors).toBe(before);
    },
  );

  test('a training that is resumed is the one that was not interrupted, with scheduled sampling too', async () => {
    const make = () => Translator.of(pairs, { model: { hidden: 8, attention: 'general', dropout: 0.1 }, key: key(0) });
    const options = (optimizer: ReturnType<typeof adam>) => ({
      batch: 40,
      optimizer,
      teacherForcing: linearForcing({ from: 1, to: 0.4, steps: 8 }),
      key: key(3),
    });
    using whole = make();
    using first = adam();
    await whole.fit(pairs, { epochs: 3, ...options(first) }).finish();

    using half = make();
    using second = adam();
    const run = half.fit(pairs, { epochs: 1, ...options(second) });
    await run.finish();
    using rest = make();
    using third = adam();
    await rest.fit(pairs, { epochs: 3, ...options(third), resume: run.state() }).finish();
    const weights = [whole, rest].map(({ model }) => [...model.parameters().values()].map((p) => p.value.dataSync()));
    expect(weights[1]).toEqual(weights[0]);
  });

  test('copying: words that the target vocabulary lacks are written', async () => {
    const names = ['Ada', 'Bo', 'Cy', 'Di', 'Ed', 'Flo', 'Gus', 'Hal'];
    const greet = names.map((name): TextPair => [`my name is ${name}`, `hello ${name}`]);
    using translator = Translator.of(greet, {
      source: wordTokenizer(),
      target: wordTokenizer(),
      targetVocabulary: { minFrequency: 2 }, // no name is known
      sourceVocabulary: { minFrequency: 2 },
      model: { hidden: 12, attention: 'additive', copy: true },
      key: key(0),
    });
    expect(translator.target.vocabulary.tokens).toEqual(['<pad>', '<unk>', '<s>', '</s>', ' hello']);
    using optimizer = adam({ lr: 0.02 });
    await translator.fit(greet, { epochs: 40, batch: 8, optimizer }).finish();
    expect(await translator.translate('my name is Zoe')).toBe('hello Zoe');
    const seen = translator.alignment('my name is Zoe');
    expect(seen.target).toEqual([' hello', ' Zoe', '</s>']);
    expect(seen.weights[1]![3]).toBeGreaterThan(0.5);
  });

  test('empty texts, one character, and texts in any order', async () => {
    using translator = Translator.of(pairs, { model: { hidden: 8, attention: 'dot' }, key: key(1) });
    expect(await translator.translate([])).toEqual([]);
    const texts = ['', '일', '일 이 삼', '?', ''];
    const together = await translator.translate(texts, { maxLength: 4, batch: 2 });
    for (const [i, text] of texts.entries()) {
      expect(await translator.translate(text, { maxLength: 4 })).toBe(together[i]);
    }
    await translator
      .fit(
        [
          ['', ''],
          ['일', ''],
        ],
        { epochs: 1 },
      )
      .finish();
    expect(translator.alignment('', '1').weights).toEqual([[], []]);
  });

  test('what cannot be is refused by name', async () => {
    const options = { model: { hidden: 4, maxLength: 3, attention: 'additive' as const }, key: key(0) };
    expect(() => Translator.of([], options)).toThrow(/the corpus is empty/);
    expect(() => Translator.of([['a', 1 as never]], options)).toThrow(/pair 0 is not two texts/);
    using translator = Translator.of(pairs, options);
    expect(() => translator.fit([], { epochs: 1 })).toThrow(ConfigError);
    await expect(translator.translate('일 이 삼')).rejects.toThrow(/has 5 tokens, the model was made for 3 at most/);
    await expect(translator.translate(['일'], { batch: 0 })).rejects.toThrow(/batch is 0/);
    await expect(translator.translate(['일'], { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(() => Translator.fromBytes(new Uint8Array(3))).toThrow(FormatError);
  });
});
