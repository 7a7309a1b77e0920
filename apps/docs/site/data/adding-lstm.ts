import { mkdir, writeFile } from 'node:fs/promises';
import { init, type Key, key, trainStep } from '@dl/core';
import { encodeSafetensors } from '@dl/core/io';
import { mse } from '@dl/core/losses';
import { dispose, tensor, tidy } from '@dl/core/ops';
import { adam, cosine } from '@dl/core/optim';
import { type Adder, adder } from '../../src/pictures/lstm-gates/adder.ts';

const TIME = 12;
const BATCH = 64;
const STEPS = 4_000;

/**
 * Trains an LSTM of four units to add the marked numbers of a sequence and writes `adding-lstm.safetensors`: the weights of
 * `adder()` of the picture of gates.
 */
export async function build(target: URL): Promise<void> {
  await init();
  const model = adder(key(2));
  const optimizer = adam({ lr: cosine({ lr: 0.02, tMax: STEPS }), clipNorm: 1 });
  const step = trainStep(model, mse, optimizer);
  for (let i = 0; i < STEPS; i++) {
    const batch = sums(key(0).fold(i));
    step(batch);
    dispose([batch.x, batch.y]);
  }
  const error = errorOf(model);
  if (!(error < 1e-3)) throw new Error(`the LSTM has not learnt to add: its mean squared error is ${error}`);
  await mkdir(target, { recursive: true });
  await writeFile(new URL('adding-lstm.safetensors', target), encodeSafetensors(model.stateDict()));
  step.dispose();
  optimizer.dispose();
  model.dispose();
}

function errorOf(model: Adder): number {
  return tidy(() => {
    const { x, y } = sums(key(1));
    return mse(model.forward(x), y).dataSync()[0]!;
  });
}

/** Numbers from 0 to 1, one of five marked, and the sums of those. */
function sums(from: Key) {
  const numbers = from.child('numbers').uniform(BATCH * TIME);
  const marks = from.child('marks').uniform(BATCH * TIME);
  const x = new Float32Array(2 * BATCH * TIME);
  const y = new Float32Array(BATCH);
  for (const [at, value] of numbers.entries()) {
    const marked = marks[at]! < 0.2;
    x[2 * at] = value;
    x[2 * at + 1] = Number(marked);
    if (marked) y[Math.floor(at / TIME)]! += value;
  }
  return { x: tensor(x, [BATCH, TIME, 2]), y: tensor(y, [BATCH, 1]) };
}
