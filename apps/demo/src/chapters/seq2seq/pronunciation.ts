import { fit, key, progress } from '@dl/core';
import { bucketByLength, Dataset, disposeBatch } from '@dl/core/data';
import { adam, cosine } from '@dl/core/optim';
import {
  beamSearch,
  collatePairs,
  editDistance,
  seq2seq,
  seq2seqLoss,
  type TokenPair,
  Vocabulary,
} from '@dl/seq2seq-attention';
import type { Section } from '../../chapter';
import { table } from '../../table';
import { type Entry, pronouncingDictionary } from './pronouncing-dictionary';

/** What a run must reach: word and phoneme error rate with attention and a beam of 5. */
const NEEDED = { short: { word: 0.85, phoneme: 0.3 }, full: { word: 0.3, phoneme: 0.1 } };
const BATCH = 64;

/** How a word that was never seen is pronounced, learnt from the spellings and phonemes of others. */
export const pronunciation: Section = {
  name: 'spelling to pronunciation',
  title: 'Spelling to pronunciation: the CMU Pronouncing Dictionary, 39 phonemes without stress',
  async run({ print, full, signal }) {
    const all = pronouncingDictionary();
    const [words, tested, epochs, hidden] = full ? [all.train.length, 2_000, 8, 256] : [5_000, 300, 4, 64];
    const chosen = Array.from(key(0).permutation(all.train.length).slice(0, words), (i) => all.train[i]!);
    const test = Array.from(key(1).permutation(all.test.length).slice(0, tested), (i) => all.test[i]!);
    const letters = Vocabulary.of(chosen.map(({ word }) => [...word]));
    const phonemes = Vocabulary.of(chosen.flatMap(({ pronunciations }) => pronunciations));
    print(
      `${words} of ${all.train.length} words to learn from, ${tested} of ${all.test.length} others to be tested on; one of several pronunciations counts as right\n`,
    );
    const pairs: TokenPair[] = chosen.flatMap(({ word, pronunciations }) =>
      pronunciations.map((spoken) => ({ source: letters.encode([...word]), target: phonemes.encode(spoken) })),
    );

    const learn = async (attention: 'additive' | undefined) => {
      const sizes = { source: letters.size, target: phonemes.size, hidden, dim: hidden / 2 };
      using model = seq2seq({ ...sizes, bidirectional: true, attention, dropout: full ? 0.2 : 0, key: key(2) });
      const data = bucketByLength(Dataset.from(pairs).shuffle(key(3)), {
        size: BATCH,
        length: ({ source }) => source.length,
        collate: collatePairs(),
      });
      using optimizer = adam({ lr: cosine({ lr: 3e-3, tMax: epochs * data.size! }), clipNorm: 1 });
      const loss = seq2seqLoss({ labelSmoothing: 0.05 });
      await progress(fit(model, { data, loss, optimizer, epochs, key: key(4), signal })).finish();
      const speak = (beam: number) => {
        const spoken: string[][] = [];
        for (let from = 0; from < test.length; from += BATCH) {
          signal.throwIfAborted();
          const part = test.slice(from, from + BATCH);
          const batch = collatePairs()(part.map(({ word }) => ({ source: letters.encode([...word]), target: [] })));
          spoken.push(
            ...beamSearch(model, batch, { beam, maxLength: 40 }).map(([best]) => phonemes.decode(best!.tokens)),
          );
          disposeBatch(batch);
        }
        return spoken;
      };
      return { greedy: speak(1), beam: speak(5) };
    };

    const rows: string[][] = [];
    let best = { word: 1, phoneme: 1 };
    for (const attention of [undefined, 'additive'] as const) {
      const spoken = await learn(attention);
      for (const [search, written] of Object.entries(spoken)) {
        best = errorRates(written, test);
        const name = attention ? 'with attention' : 'without';
        rows.push([name, search === 'beam' ? 'beam 5' : search, percent(best.word), percent(best.phoneme)]);
      }
      if (attention) {
        print();
        for (const [i, { word, pronunciations }] of test.slice(0, 6).entries()) {
          print(`  ${word.padEnd(16)}${spoken.beam[i]!.join(' ').padEnd(34)}${pronunciations[0]!.join(' ')}`);
        }
      }
    }
    print(`\n${table(['', 'search', 'word error', 'phoneme error'], rows)}`);
    const needed = full ? NEEDED.full : NEEDED.short;
    return {
      result: `word error ${percent(best.word)}, phoneme error ${percent(best.phoneme)}, ${words} words`,
      reference: `at most ${percent(needed.word)} and ${percent(needed.phoneme)}`,
      reached: best.word <= needed.word && best.phoneme <= needed.phoneme,
    };
  },
};

/** Against the pronunciation that is closest. */
function errorRates(
  written: readonly (readonly string[])[],
  test: readonly Entry[],
): { word: number; phoneme: number } {
  let [wrong, edits, phonemes] = [0, 0, 0];
  for (const [i, { pronunciations }] of test.entries()) {
    const closest = pronunciations
      .map((wanted) => ({ edits: editDistance(written[i]!, wanted), length: wanted.length }))
      .reduce((a, b) => (b.edits < a.edits ? b : a));
    if (closest.edits > 0) wrong++;
    edits += closest.edits;
    phonemes += closest.length;
  }
  return { word: wrong / test.length, phoneme: edits / phonemes };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
