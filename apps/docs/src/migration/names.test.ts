import { beforeAll, describe, expect, it } from 'vitest';
import { type NameRow, names } from './names.ts';

// Every entry that the tables name; a table cannot be right about one that does not exist.
const entries: Readonly<Record<string, () => Promise<object>>> = {
  '@dl/core': () => import('@dl/core'),
  '@dl/core/data': () => import('@dl/core/data'),
  '@dl/core/io': () => import('@dl/core/io'),
  '@dl/core/losses': () => import('@dl/core/losses'),
  '@dl/core/nn': () => import('@dl/core/nn'),
  '@dl/core/ops': () => import('@dl/core/ops'),
  '@dl/core/optim': () => import('@dl/core/optim'),
  '@dl/cnn': () => import('@dl/cnn'),
  '@dl/rnn': () => import('@dl/rnn'),
  '@dl/seq2seq-attention': () => import('@dl/seq2seq-attention'),
  '@dl/anomaly': () => import('@dl/anomaly'),
};

beforeAll(async () => {
  await (await import('@dl/core')).init();
}, 120_000);

async function evaluated({ ours, from }: NameRow): Promise<unknown> {
  const load = entries[from ?? '@dl/core'];
  if (load === undefined) throw new Error(`${from} is no entry`);
  const [scope, { key }, { tensor }] = await Promise.all([load(), import('@dl/core'), import('@dl/core/ops')]);
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const inSight = { key, x, y: x, ...scope };
  // What the tables print is code.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  return new Function(...Object.keys(inSight), `return ${ours}`)(...Object.values(inSight)) as unknown;
}

for (const [whose, rows] of Object.entries(names)) {
  describe(`names for who comes from ${whose}`, () => {
    it.each(rows.map((row) => [row.ours, row] as const))('%s', async (_, row) => {
      const value = await evaluated(row);
      for (const it of Array.isArray(value) ? value : [value]) expect(it).toBeDefined();
    });
  });
}
