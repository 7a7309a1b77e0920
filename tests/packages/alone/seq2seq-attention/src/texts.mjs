import { init, key } from '@dl/core';
import { Translator } from '@dl/seq2seq-attention';

/** Korean dates and what they are in ISO 8601. */
export const pairs = Array.from({ length: 120 }, (_, i) => {
  const [month, day] = [1 + (i % 12), 1 + ((i * 7) % 28)];
  return [`${month}월 ${day}일`, `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`];
});

/** A translator, with other weights for another seed. */
export async function translator(seed) {
  await init();
  return Translator.of(pairs, { model: { hidden: 24, attention: 'general', bidirectional: true }, key: key(seed) });
}

/** Trains it, and gives the loss of the first and of the last epoch. */
export async function train(model) {
  const losses = [];
  for await (const epoch of model.fit(pairs, { epochs: 10, batch: 16 }).epochs()) losses.push(epoch.loss);
  if (!(losses.at(-1) < losses[0] / 2)) throw new Error(`the losses were ${losses.join(', ')}`);
  return `${losses[0].toFixed(3)} -> ${losses.at(-1).toFixed(3)}`;
}

/** What it writes for some of the dates. */
export function writtenBy(model) {
  return model.translate(pairs.slice(0, 20).map(([source]) => source));
}
