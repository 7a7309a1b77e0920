import { Translator } from '@dl/seq2seq-attention';
import { train, translator, writtenBy } from './texts.mjs';

async function run() {
  const own = await translator(0);
  const [file, expected] = await Promise.all(['translator.safetensors', 'written.json'].map((name) => fetch(name)));
  const saved = Translator.fromBytes(await file.arrayBuffer());
  const [written, wanted] = [await writtenBy(saved), await expected.json()];
  if (written.join() !== wanted.join()) throw new Error(`the translator that Node saved writes ${written.join()} here`);
  return train(own);
}

run().then(
  (losses) => {
    globalThis.outcome = { losses: `same texts; ${losses}` };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);
