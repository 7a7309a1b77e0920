import { table } from 'dl:display';
import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { dropout, linear, relu, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';

await init();

const points = Array.from({ length: 96 }, (_, i) => i / 48 - 1);
const data = Dataset.from(points.map((x) => ({ x: [x], y: [x * x] })))
  .shuffle(key(1))
  .batch(16);
const build = () =>
  sequential({ input: [1], key: key(0) }, [linear({ out: 24 }), relu(), dropout({ rate: 0.1 }), linear({ out: 1 })]);

async function train(model: ReturnType<typeof build>, epochs: number, resume?: Uint8Array) {
  const run = fit(model, { data, loss: mse, optimizer: adam({ lr: 0.01 }), epochs, key: key(2), resume });
  let loss = Number.NaN;
  for await (const epoch of run.epochs()) loss = epoch.loss;
  return { loss, state: run.state() };
}

// Ten epochs at once; and four, a checkpoint, and the other six with a model made anew.
const whole = await train(build(), 10);
const first = await train(build(), 4);
const rest = await train(build(), 10, first.state);

table('Loss after ten epochs', [
  { training: 'in one go', loss: whole.loss },
  { training: 'interrupted after four', loss: rest.loss },
]);
const same = whole.state.length === rest.state.length && whole.state.every((byte, i) => byte === rest.state[i]);
console.log(
  `checkpoint of ${first.state.length} bytes; the two results are ${same ? 'the same, bit for bit' : 'different'}`,
);
