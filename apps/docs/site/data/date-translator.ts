import { mkdir, writeFile } from 'node:fs/promises';
import { init, key } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { type TextPair, Translator } from '@dl/seq2seq-attention';
import { koreanDates } from '../../../demo/src/chapters/seq2seq/korean-dates.ts';
import { DATES } from './dates.ts';

const EPOCHS = 6;

/**
 * Trains two translators of Korean dates to ISO 8601, alike but for the attention, and writes
 *
 * - `date-translator.safetensors` and `date-translator-blind.safetensors`: weights, vocabularies and options, as
 *   `Translator.fromBytes` reads them; the second has no attention;
 * - `date-translator.json`: `{ texts: [source, target, withAttention, without][] }`, what both write for texts that they have not
 *   learnt from.
 *
 * Half a minute each on one core.
 */
export async function build(target: URL): Promise<void> {
  await init();
  const { train, test } = koreanDates(DATES, { train: 12_000, test: 1_000 });
  const looking = await learn(train, 'additive');
  const blind = await learn(train, undefined);
  const sources = test.map(([source]) => source);
  const written = await looking.translate(sources, { beam: 1, maxLength: 30 });
  const guessed = await blind.translate(sources, { beam: 1, maxLength: 30 });
  await mkdir(target, { recursive: true });
  await writeFile(new URL('date-translator.safetensors', target), looking.toBytes());
  await writeFile(new URL('date-translator-blind.safetensors', target), blind.toBytes());
  await writeFile(
    new URL('date-translator.json', target),
    JSON.stringify({ texts: test.map(([source, iso], i) => [source, iso, written[i], guessed[i]]) }),
  );
  looking.dispose();
  blind.dispose();
}

async function learn(pairs: readonly TextPair[], attention: 'additive' | undefined): Promise<Translator> {
  const model = { cell: 'gru' as const, hidden: 64, dim: 32, bidirectional: true, attention };
  const translator = Translator.of(pairs, { model, key: key(1) });
  using optimizer = adam({ lr: cosine({ lr: 5e-3, tMax: translator.batches(pairs).size! * EPOCHS }), clipNorm: 1 });
  await translator.fit(pairs, { epochs: EPOCHS, optimizer, key: key(2) }).finish();
  return translator;
}
