import { ConfigError } from '@dl/core';
import { logSoftmax, tensor, tidy } from '@dl/core/ops';
import type { Seq2SeqModel, SourceBatch } from '../model/seq2seq-model';

/**
 * What a model thinks of given targets, by teacher forcing: ln of the probability of each, `</s>` included.
 *
 * @param targets one for each source, without `<s>` and `</s>`
 * @param options numbers of the special tokens, 2 and 3 unless given
 */
export function scoreTargets<S extends object>(
  model: Seq2SeqModel<S>,
  batch: SourceBatch,
  targets: readonly (readonly number[])[],
  { bos = 2, eos = 3 }: { bos?: number; eos?: number } = {},
): number[] {
  const rows = batch.source.shape[0];
  if (targets.length !== rows) {
    throw new ConfigError('scoreTargets', `${targets.length} targets are given for ${rows} sources`);
  }
  const time = 1 + targets.reduce((most, { length }) => Math.max(most, length), 0);
  const given = new Int32Array(rows * time).fill(eos);
  for (const [row, tokens] of targets.entries()) given.set([bos, ...tokens], row * time);
  return tidy(() => {
    const { logits } = model.forward({ ...batch, target: tensor(given, [rows, time], 'int32') });
    const size = logits.shape[2]!;
    const scores = logSoftmax(logits).dataSync();
    return targets.map((tokens, row) =>
      [...tokens, eos].reduce((sum, token, t) => sum + scores[(row * time + t) * size + token]!, 0),
    );
  });
}
