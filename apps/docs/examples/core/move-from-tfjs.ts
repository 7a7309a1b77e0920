import { lineChart } from 'dl:display';
import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { dropout, linear, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';

await init();

// tf.data.array(rows).shuffle(256).batch(32)
const points = Array.from({ length: 256 }, (_, i) => i / 128 - 1);
const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })))
  .shuffle(key(1))
  .batch(32);

// tf.sequential(), model.add(tf.layers.dense({ units: 32, activation: 'tanh' })), ...
const model = sequential({ input: [1], key: key(0) }, [
  linear({ out: 32, activation: 'tanh' }),
  dropout({ rate: 0.05 }),
  linear({ out: 1 }),
]);

// model.compile({ loss: 'meanSquaredError', optimizer: tf.train.adam(0.01) }) and model.fitDataset(data, { epochs: 40 })
const run = fit(model, { data, loss: mse, optimizer: adam({ lr: 0.01 }), epochs: 40, key: key(2) });
const losses: number[] = [];
for await (const epoch of run.epochs()) {
  losses.push(epoch.loss); // callbacks: { onEpochEnd }
  lineChart('loss', { loss: losses }, { xLabel: 'epoch' });
  if (epoch.stalled('loss', { patience: 5 })) break; // tf.callbacks.earlyStopping({ patience: 5 })
}
console.log(`the loss went from ${losses[0]?.toFixed(4)} to ${losses.at(-1)?.toFixed(4)} in ${losses.length} epochs`);
