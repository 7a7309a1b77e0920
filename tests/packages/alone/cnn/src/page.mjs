import { loadModel } from '@dl/core/io';
import { logitsOf, network, train } from './network.mjs';

async function run() {
  const [model, expected] = await Promise.all(['model.safetensors', 'logits.json'].map((name) => fetch(name)));
  const saved = await network(1);
  await loadModel(saved, await model.arrayBuffer());
  const [logits, golden] = [await logitsOf(saved), await expected.json()];
  const worst = Math.max(...golden.map((value, i) => Math.abs(value - logits[i])));
  if (golden.length !== logits.length || !(worst <= 1e-5)) {
    throw new Error(`the model that Node saved gives other logits here: off by ${worst}`);
  }
  return train(await network(0));
}

run().then(
  (losses) => {
    globalThis.outcome = { losses: `same logits; ${losses}` };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);
