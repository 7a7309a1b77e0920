import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { memory } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { newLayer } from '@dl/new-layer';

/** Fits a wave. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const held = memory().numTensors;
  const points = Array.from({ length: 64 }, (_, i) => i / 32 - 1);
  const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })));
  const model = sequential({ input: [1], key: key(0) }, [linear({ out: 8 }), newLayer(), linear({ out: 1 })]);
  const optimizer = adam({ lr: 0.02 });
  const losses: number[] = [];
  const run = fit(model, { data: data.batch(16), loss: mse, optimizer, epochs: 20 });
  for await (const epoch of run.epochs()) losses.push(epoch.loss);
  optimizer.dispose();
  model.dispose();
  if (memory().numTensors !== held) throw new Error(`${memory().numTensors - held} tensors were left behind`);
  return { before: losses[0]!, after: losses.at(-1)! };
}
