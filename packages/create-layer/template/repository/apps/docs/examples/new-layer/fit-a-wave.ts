import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { newLayer } from '@dl/new-layer';

await init();

// One wave, 64 points of it.
const points = Array.from({ length: 64 }, (_, i) => i / 32 - 1);
const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })));

const width = 8;
const model = sequential({ input: [1], key: key(0) }, [linear({ out: width }), newLayer(), linear({ out: 1 })]);
const run = fit(model, {
  data: data.shuffle(key(1)).batch(16),
  loss: mse,
  optimizer: adam({ lr: 0.02 }),
  epochs: 40,
});
for await (const epoch of run.epochs()) {
  if (epoch.index % 5 === 0) console.log(`epoch ${epoch.index}: loss ${epoch.loss.toFixed(4)}`);
}
