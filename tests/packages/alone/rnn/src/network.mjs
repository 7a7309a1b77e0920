import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { gru, lstm } from '@dl/rnn';

const [count, steps] = [64, 12];

/** Stretches of a wave, and the value that follows each. */
function stretches() {
  const wave = Float32Array.from({ length: count + steps }, (_, i) => Math.sin(i / 4));
  const data = Float32Array.from({ length: count * steps }, (_, i) => wave[Math.floor(i / steps) + (i % steps)]);
  return Dataset.fromArrays({
    x: { data, shape: [count, steps, 1] },
    y: { data: wave.slice(steps), shape: [count, 1] },
  });
}

/** A small recurrent network, with other weights for another seed. */
export async function network(seed) {
  await init();
  return sequential({ input: [steps, 1], key: key(seed) }, [
    lstm({ hidden: 8 }),
    gru({ hidden: 8, returns: 'last' }),
    linear({ out: 1 }),
  ]);
}

/** Trains it, and gives the loss of the first and of the last epoch. */
export async function train(model) {
  const losses = [];
  const options = {
    data: stretches().shuffle(key(1)).batch(16),
    loss: mse,
    optimizer: adam({ lr: 0.02 }),
    epochs: 10,
  };
  for await (const epoch of fit(model, options).epochs()) losses.push(epoch.loss);
  if (!(losses.at(-1) < losses[0] / 4)) throw new Error(`the losses were ${losses.join(', ')}`);
  return `${losses[0].toFixed(3)} -> ${losses.at(-1).toFixed(3)}`;
}

/** What it gives for the stretches. */
export async function forecastsOf(model) {
  const { x, y } = await stretches().first(count);
  const forecasts = model.predict(x);
  const values = [...forecasts.dataSync()];
  for (const tensor of [x, y, forecasts]) tensor.dispose();
  return values;
}
