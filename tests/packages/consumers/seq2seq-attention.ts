import { init, key } from '@dl/core';
import { memory } from '@dl/core/ops';
import { chrf, MultiHeadAttention, Translator } from '@dl/seq2seq-attention';

/** Learns to read numbers in Hangul, writes some, and puts the translator through a file. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const held = memory().numTensors;
  const digits = ['영', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구'];
  const pairs = Array.from({ length: 100 }, (_, n): [string, string] => [
    [...String(n)].map((digit) => digits[Number(digit)]).join(' '),
    String(n),
  ]);
  const translator = Translator.of(pairs, { model: { hidden: 16, attention: 'additive' }, key: key(0) });
  const losses: number[] = [];
  for await (const epoch of translator.fit(pairs, { epochs: 12, batch: 20 }).epochs()) losses.push(epoch.loss);

  const twin = Translator.fromBytes(translator.toBytes());
  const sources = pairs.map(([source]) => source);
  const [written, again] = [await translator.translate(sources), await twin.translate(sources)];
  if (written.join() !== again.join()) throw new Error('the translator is another one after it was saved');
  if (
    !(
      chrf(
        written,
        pairs.map(([, target]) => target),
      ) > 20
    )
  )
    throw new Error(`it wrote ${written.slice(0, 9).join()}`);
  const seen = translator.alignment('이 삼', '23');
  if (seen.weights.length !== 3 || !seen.toSVG().startsWith('<svg')) throw new Error('the alignment is not whole');
  translator.dispose();
  twin.dispose();

  const attention = new MultiHeadAttention({ dim: 8, heads: 2, causal: true, key: key(1) });
  attention.dispose();
  if (memory().numTensors !== held) throw new Error(`${memory().numTensors - held} tensors were left behind`);
  return { before: losses[0]!, after: losses.at(-1)! };
}
