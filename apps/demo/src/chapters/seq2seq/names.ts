import { key, progress } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { characterTokenizer, chrf, jamoTokenizer, type TextPair, Translator } from '@dl/seq2seq-attention';
import type { Section } from '../../chapter';
import { table } from '../../table';

/** chrF that a run must reach; the short one ends before it has learnt all that so few names can teach. */
const NEEDED = { short: { korean: 17, english: 30 }, full: { korean: 25, english: 35 } };

/** Names of languages and regions that Node knows in English and in Korean. */
function names(): TextPair[] {
  const pairs = new Map<string, string>();
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  const two = letters.flatMap((a) => letters.map((b) => a + b));
  const three = two.flatMap((ab) => letters.map((c) => ab + c));
  for (const [type, codes] of [
    ['region', two.map((code) => code.toUpperCase())],
    ['language', [...two, ...three]],
  ] as const) {
    const [en, ko] = ['en', 'ko'].map((locale) => new Intl.DisplayNames(locale, { type, fallback: 'none' }));
    for (const code of codes) {
      const [english, korean] = [en!.of(code), ko!.of(code)];
      // The word for language is no transliteration.
      if (english && korean && /[가-힣]/.test(korean))
        pairs.set(english, korean.replace(/어$/, type === 'language' ? '' : '어'));
    }
  }
  return [...pairs];
}

/** How names of countries and languages are written in the other alphabet: transliteration, letter by letter of Hangul. */
export const transliteration: Section = {
  name: 'names, English and Korean',
  title: 'Names of languages and regions, English to Korean and back, by the letters of Hangul',
  async run({ print, full, signal }) {
    const all = names();
    const order = key(0).permutation(all.length);
    const held = Math.round(all.length / 10);
    const pick = (from: number, to: number) => Array.from(order.slice(from, to), (i) => all[i]!);
    const [test, train] = [pick(0, held), pick(held, all.length)];
    print(`${train.length} names to learn from, ${test.length} others to be tested on`);
    const turned = (pairs: readonly TextPair[]) => pairs.map(([english, korean]): TextPair => [korean, english]);
    const learn = async (from: readonly TextPair[], of: readonly TextPair[], isKorean: boolean) => {
      const [hangul, latin] = [jamoTokenizer(), characterTokenizer()];
      using translator = Translator.of(from, {
        source: isKorean ? latin : hangul,
        target: isKorean ? hangul : latin,
        model: { hidden: 96, dim: 48, bidirectional: true, attention: 'additive', dropout: 0.3 },
        key: key(1),
      });
      const epochs = full ? 80 : 15;
      using optimizer = adam({
        lr: cosine({ lr: 4e-3, tMax: epochs * translator.batches(from, { batch: 32 }).size! }),
        clipNorm: 1,
      });
      await progress(
        translator.fit(from, { epochs, batch: 32, optimizer, labelSmoothing: 0.1, key: key(2), signal }),
      ).finish();
      const sources = of.map(([source]) => source);
      const written = await translator.translate(sources, { beam: 5, maxLength: 60, signal });
      return {
        written,
        score: chrf(
          written,
          of.map(([, target]) => target),
        ),
      };
    };
    const korean = await learn(train, test, true);
    const english = await learn(turned(train), turned(test), false);
    const needed = full ? NEEDED.full : NEEDED.short;
    const examples = test.slice(0, 8).map(([en, ko], i) => [en, ko, korean.written[i]!, english.written[i]!]);
    print(`\n${table(['English', 'Korean', 'written in Korean', 'written in English'], examples)}`);
    return {
      result: `chrF ${korean.score.toFixed(1)} to Korean, ${english.score.toFixed(1)} to English`,
      reference: `at least ${needed.korean} and ${needed.english}, of names never seen`,
      reached: korean.score >= needed.korean && english.score >= needed.english,
    };
  },
};
