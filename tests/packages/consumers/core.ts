import { init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { mse } from '@dl/core/losses';
import { linear, sequential, tanh } from '@dl/core/nn';
import { grad, memory, sum, type Tensor, tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { fit } from '@dl/core/train';

/** Trains a small network on a sine, and uses every entry point of the package on the way. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const held = memory().numTensors;

  const points = Array.from({ length: 64 }, (_, i) => i / 32 - 1);
  const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })));
  const model = sequential({ input: [1], key: key(0) }, [linear({ out: 8 }), tanh(), linear({ out: 1 })]);
  const losses: number[] = [];
  const optimizer = adam({ lr: 0.02 });
  const run = fit(model, { data: data.shuffle(key(1)).batch(16), loss: mse, optimizer, epochs: 10 });
  for await (const epoch of run.epochs()) losses.push(epoch.loss);

  const names = [...decodeSafetensors(encodeSafetensors(model.stateDict())).tensors.keys()].sort();
  if (names.join() !== '0.bias,0.weight,2.bias,2.weight') throw new Error(`the model was saved as ${names.join()}`);
  optimizer.dispose();
  model.dispose();

  const x = tensor([1, 2, 3]);
  const slope = grad((value: Tensor) => sum(value))(x);
  if (slope.dataSync().join() !== '1,1,1') throw new Error(`the gradient of a sum is ${slope.dataSync().join()}`);
  x.dispose();
  slope.dispose();
  if (memory().numTensors !== held) throw new Error(`${memory().numTensors - held} tensors were left behind`);
  return { before: losses[0]!, after: losses.at(-1)! };
}
