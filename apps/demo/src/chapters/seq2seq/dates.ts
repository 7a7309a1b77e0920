import { key, progress } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { exactMatch, type TextPair, Translator } from '@dl/seq2seq-attention';
import type { Section } from '../../chapter';
import { table } from '../../table';
import { koreanDates } from './korean-dates';

const NEEDED = 0.995;
/** Characters of a source: where one length ends and the next begins. */
const LENGTHS = [0, 10, 14, 20, 30, Number.POSITIVE_INFINITY];
const EXAMPLE = '2024년 3월 7일 목요일 ~ 4월 15일 월요일';

/** Dates in Korean to ISO 8601 by two encoder-decoders of one size, one of which may look back at the source. */
export const dates: Section = {
  name: 'Korean dates to ISO 8601',
  title: 'Korean dates, ranges and durations to ISO 8601: with attention, and through one vector',
  async run({ print, full, signal }) {
    const { train, test } = koreanDates(key(0), { train: full ? 40_000 : 12_000, test: 1_000 });
    print(
      `${train.length} pairs to learn from, ${test.length} others to be tested on, of days that are not among them:`,
    );
    for (const [source, target] of test.slice(0, 4)) print(`  ${source}  ->  ${target}`);
    print();
    const learn = async (attention: 'additive' | undefined) => {
      const model = { cell: 'gru' as const, hidden: 96, dim: 48, bidirectional: true, attention };
      const translator = Translator.of(train, { model, key: key(1) });
      try {
        const epochs = full ? 10 : 4;
        const steps = translator.batches(train).size! * epochs;
        using optimizer = adam({ lr: cosine({ lr: full ? 4e-3 : 6e-3, tMax: steps }), clipNorm: 1 });
        await progress(translator.fit(train, { epochs, optimizer, key: key(2), signal })).finish();
        const sources = test.map(([source]) => source);
        const written = await translator.translate(sources, { beam: 1, maxLength: 30, signal });
        const picture = attention && translator.alignment(EXAMPLE).toString({ cell: 2 });
        return { written, picture };
      } finally {
        translator.dispose();
      }
    };
    const looking = await learn('additive');
    const blind = await learn(undefined);

    print(`\nWhat the model looked at, for '${EXAMPLE}':\n`);
    print(looking.picture);
    print('\nRight to the last character, by the length of the source:');
    const right = (written: readonly string[], of: readonly TextPair[]) =>
      exactMatch(
        of.map((pair) => written[test.indexOf(pair)]!),
        of.map(([, target]) => target),
      );
    const rows = LENGTHS.slice(1).flatMap((to, i) => {
      const from = LENGTHS[i]!;
      const some = test.filter(([source]) => source.length >= from && source.length < to);
      if (some.length === 0) return [];
      const length = to === Number.POSITIVE_INFINITY ? `${from} and more` : `${from} to ${to - 1}`;
      return [
        [length, String(some.length), percent(right(looking.written, some)), percent(right(blind.written, some))],
      ];
    });
    const [all, without] = [right(looking.written, test), right(blind.written, test)];
    rows.push(['all', String(test.length), percent(all), percent(without)]);
    print(table(['characters', 'texts', 'with attention', 'without'], rows));
    return {
      result: `${percent(all)} right, ${percent(without)} without attention`,
      reference: `at least ${percent(NEEDED)}, and more than without`,
      reached: all >= NEEDED && all > without,
    };
  },
};

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
