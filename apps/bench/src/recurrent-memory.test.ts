import { init, key } from '@dl/core';
import { mse } from '@dl/core/losses';
import { sequential } from '@dl/core/nn';
import { sgd } from '@dl/core/optim';
import { trainStep } from '@dl/core/train';
import { lstm } from '@dl/rnn';
import { backend, dispose, randomNormal } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';

beforeAll(() => init());

interface Allocator {
  wasm: { _malloc: (bytes: number) => number; _free: (address: number) => void };
}

/** The most bytes of the WASM heap in use while `f` runs, above those before: counted where they are handed out. */
function peakOf(f: () => void): number {
  const { wasm } = backend() as unknown as Allocator;
  const { _malloc, _free } = wasm;
  const sizes = new Map<number, number>();
  let [used, peak] = [0, 0];
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes);
    sizes.set(address, bytes);
    used += bytes;
    peak = Math.max(peak, used);
    return address;
  };
  wasm._free = (address) => {
    used -= sizes.get(address) ?? 0;
    sizes.delete(address);
    _free(address);
  };
  try {
    f();
    return peak;
  } finally {
    Object.assign(wasm, { _malloc, _free });
  }
}

// PyTorch keeps, for each row of each step: four gates, the cell state, its tanh and the hidden state.
test.each([
  [false, 1.2],
  [true, 0.3],
])('memory of an LSTM in training, recompute %s: at most %f of what PyTorch keeps', (recompute, most) => {
  const [batch, time, inputs, hidden] = [16, 500, 4, 64];
  const model = sequential({ input: [time, inputs], key: key(0) }, [lstm({ hidden, returns: 'last', recompute })]);
  const optimizer = sgd({ lr: 0.01 });
  const step = trainStep(model, mse, optimizer);
  const [x, y] = [randomNormal([batch, time, inputs]), randomNormal([batch, hidden])];
  step({ x, y }); // whatever is made once
  const peak = peakOf(() => void step({ x, y }));
  const theirs = 4 * 7 * hidden * batch * time;
  expect(peak / theirs).toBeLessThan(most);
  expect(peak / theirs).toBeGreaterThan(0.05); // it was counted
  dispose([x, y]);
  optimizer.dispose();
  model.dispose();
});
