import { loadModel } from '@dl/core/io';
import { forecastsOf, network, train } from './network.mjs';

async function run() {
  const [model, expected] = await Promise.all(['model.safetensors', 'forecasts.json'].map((name) => fetch(name)));
  const saved = await network(1);
  await loadModel(saved, await model.arrayBuffer());
  const [forecasts, golden] = [await forecastsOf(saved), await expected.json()];
  const worst = Math.max(...golden.map((value, i) => Math.abs(value - forecasts[i])));
  if (golden.length !== forecasts.length || !(worst <= 1e-5)) {
    throw new Error(`the model that Node saved forecasts something else here: off by ${worst}`);
  }
  return train(await network(0));
}

run().then(
  (losses) => {
    globalThis.outcome = { losses: `same forecasts; ${losses}` };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);
