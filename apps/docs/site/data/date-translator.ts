import { mkdir, writeFile } from 'node:fs/promises';
import { init, key } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { exactMatch, type TextPair, Translator } from '@dl/seq2seq-attention';
import { koreanDates } from '../../../demo/src/chapters/seq2seq/korean-dates.ts';
import { DATES } from './dates.ts';

/** How often the pairs are gone through; without attention it takes longer to learn the short ones. */
const EPOCHS = { looking: 6, blind: 12 };
const BEAM = 4;

/**
 * Trains two translators of Korean dates to ISO 8601, alike but for the attention, and writes
 *
 * - `date-translator.safetensors` and `date-translator-blind.safetensors`: weights, vocabularies and options, as
 *   `Translator.fromBytes` reads them; the second has no attention;
 * - `date-translator.json`: `{ texts: [source, target, withAttention, without][], greedy, beam, turns: [source, target][] }`: what
 *   both write for texts that they have not learnt from; the share that is right without attention, by greedy search and by a
 *   beam of 4; and texts of one date that the first gets wrong and the second right.
 *
 * Half a minute each on one core.
 */
export async function build(target: URL): Promise<void> {
  await init();
  const { train, test } = koreanDates(DATES, { train: 12_000, test: 1_000 });
  const looking = await learn(train, 'additive', EPOCHS.looking);
  const blind = await learn(train, undefined, EPOCHS.blind);
  const sources = test.map(([source]) => source);
  const wanted = test.map(([, iso]) => iso);
  const write = (translator: Translator, beam: number) => translator.translate(sources, { beam, maxLength: 30 });
  const written = await write(looking, 1);
  const guessed = await write(blind, 1);
  const searched = await write(blind, BEAM);
  const turns = test.filter(
    (_, i) => wanted[i]!.length === 10 && guessed[i] !== wanted[i] && searched[i] === wanted[i],
  );
  await mkdir(target, { recursive: true });
  await writeFile(new URL('date-translator.safetensors', target), looking.toBytes());
  await writeFile(new URL('date-translator-blind.safetensors', target), blind.toBytes());
  await writeFile(
    new URL('date-translator.json', target),
    JSON.stringify({
      texts: test.map(([source, iso], i) => [source, iso, written[i], guessed[i]]),
      greedy: exactMatch(guessed, wanted),
      beam: exactMatch(searched, wanted),
      turns,
    }),
  );
  looking.dispose();
  blind.dispose();
}

async function learn(
  pairs: readonly TextPair[],
  attention: 'additive' | undefined,
  epochs: number,
): Promise<Translator> {
  const model = { cell: 'gru' as const, hidden: 64, dim: 32, bidirectional: true, attention };
  const translator = Translator.of(pairs, { model, key: key(1) });
  using optimizer = adam({ lr: cosine({ lr: 5e-3, tMax: translator.batches(pairs).size! * epochs }), clipNorm: 1 });
  await translator.fit(pairs, { epochs, optimizer, key: key(2) }).finish();
  return translator;
}
