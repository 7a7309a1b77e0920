import { lineChart, progress } from 'dl:display';
import { init, type Key, key, trainStep } from '@dl/core';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { dispose, tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { lstm, rnn } from '@dl/rnn';

await init();

const [time, batch, steps] = [30, 32, 300];

/** Two numbers of each sequence are marked; the answer is their sum. */
function sums(from: Key) {
  const numbers = from.child('numbers').uniform(batch * time);
  const x = new Float32Array(2 * batch * time);
  const y = new Float32Array(batch);
  for (const [at, value] of numbers.entries()) x[2 * at] = value;
  for (const [half, low] of [0, time / 2].entries()) {
    const places = from.fold(half).integers(batch, low, low + time / 2);
    for (const [i, t] of places.entries()) {
      x[2 * (i * time + t) + 1] = 1;
      y[i]! += numbers[i * time + t]!;
    }
  }
  return { x: tensor(x, [batch, time, 2]), y: tensor(y, [batch, 1]) };
}

const layers = { RNN: rnn({ hidden: 16, returns: 'last' }), LSTM: lstm({ hidden: 16, returns: 'last', chrono: time }) };
const losses: Record<string, number[]> = {};
for (const [name, layer] of Object.entries(layers)) {
  const model = sequential({ input: [time, 2], key: key(1) }, [layer, linear({ out: 1 })]);
  const step = trainStep(model, mse, adam({ lr: 0.02, clipNorm: 1 }));
  losses[name] = [];
  for (let i = 0, recent = 0; i < steps; i++) {
    const data = sums(key(2).fold(i));
    recent += step(data).loss / 20;
    dispose([data.x, data.y]);
    if (i % 20 < 19) continue;
    losses[name].push(recent);
    recent = 0;
    lineChart('Mean squared error', losses, { xLabel: '20 steps', yLabel: 'error' });
    progress((i + 1) / steps, name);
  }
  console.log(`${name}: ${losses[name].at(-1)!.toFixed(4)}`);
}
console.log('Always answering 1 gives', (1 / 6).toFixed(4));
