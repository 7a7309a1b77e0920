import { type Key, key, type Module, trainStep } from '@dl/core';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { dispose, tensor, tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { gradientFlow, gru, lstm, rnn } from '@dl/rnn';
import type { Section } from '../../chapter';
import { table } from '../../table';

const HIDDEN = 32;
const BATCH = 32;
/** The answer 1, whatever is read, is off by this: the variance of a sum of two uniform numbers. */
const CHANCE = 1 / 6;
const SOLVED = 0.01;

const kinds = {
  'plain RNN': () => rnn({ hidden: HIDDEN, returns: 'last' }),
  GRU: () => gru({ hidden: HIDDEN, returns: 'last' }),
  LSTM: (time: number) => lstm({ hidden: HIDDEN, returns: 'last', chrono: time }),
};

/** Memory over many steps: two numbers of a long sequence are marked, the answer is their sum. */
export const addingProblem: Section = {
  name: 'adding problem',
  title: 'Long memory: add the two numbers of a long sequence that are marked',
  async run({ print, full, signal }) {
    let reached = true;
    const results: string[] = [];
    for (const time of full ? [100, 200] : [100]) {
      const most = full ? 3000 : 1000;
      const rows: string[][] = [];
      const flows: string[] = [];
      for (const [name, layer] of Object.entries(kinds)) {
        const model = sequential({ input: [time, 2], key: key(1) }, [layer(time), linear({ out: 1 })]);
        try {
          const { x, y } = sums(key(5), 64, time);
          const flow = gradientFlow(model, x);
          dispose([x, y]);
          const [heading, line] = flow.toString().split('\n') as [string, string];
          if (flows.length === 0) flows.push(`${' '.repeat(10)}${heading}`);
          flows.push(`${name.padEnd(10)}${line}`);
          const { error, steps } = await train(model, time, most, signal, (text) => process.stderr.write(text));
          const [first, last] = [flow.layers[0]!.norms[0]!, flow.layers[0]!.norms.at(-1)!];
          rows.push([name, `${steps}`, error.toFixed(4), (first / last).toExponential(1)]);
          reached &&= name === 'plain RNN' ? error > 10 * SOLVED : error < SOLVED;
          results.push(error.toFixed(4));
        } finally {
          model.dispose();
        }
      }
      print(`${time} steps; the mean squared error of always saying 1 is ${CHANCE.toFixed(4)}.`);
      print(table(['network', 'training steps', 'error', 'gradient, first step by last'], rows));
      print(`\nHow far back the gradient reaches before training:\n${flows.join('\n')}\n`);
    }
    return {
      result: `errors ${results.join(', ')} (RNN, GRU, LSTM)`,
      reference: `GRU and LSTM below ${SOLVED}, the RNN not`,
      reached,
    };
  },
};

/** Trains until the problem is solved, or for the most steps; gives the error on sequences that are not learnt from. */
async function train(model: Module, time: number, most: number, signal: AbortSignal, show: (text: string) => void) {
  const optimizer = adam({ lr: 0.02, clipNorm: 1 });
  const step = trainStep(model, mse, optimizer);
  const every = 100;
  let steps = 0;
  let error = errorOf(model, time);
  try {
    while (steps < most && error > SOLVED / 2) {
      for (let i = 0; i < every; i++) {
        const { x, y } = sums(key(2).fold(steps++), BATCH, time);
        step({ x, y });
        dispose([x, y]);
      }
      error = errorOf(model, time);
      if (process.stderr.isTTY) show(`\r\x1b[2K${steps} steps, error ${error.toFixed(4)}`);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    return { error, steps };
  } finally {
    if (process.stderr.isTTY) show('\r\x1b[2K');
    step.dispose();
    optimizer.dispose();
  }
}

function errorOf(model: Module, time: number): number {
  return tidy(() => {
    const { x, y } = sums(key(3), 500, time);
    return mse(model.forward(x), y).dataSync()[0]!;
  });
}

/** Sequences of numbers from 0 to 1, one marked in each half, and the sums of the two. Hochreiter and Schmidhuber 1997. */
function sums(key: Key, count: number, time: number) {
  const numbers = key.child('numbers').uniform(count * time);
  const places = [
    key.child('first').integers(count, 0, time >> 1),
    key.child('second').integers(count, time >> 1, time),
  ];
  const x = new Float32Array(count * time * 2);
  const y = new Float32Array(count);
  for (const [at, value] of numbers.entries()) x[2 * at] = value;
  for (const marked of places) {
    for (const [i, t] of marked.entries()) {
      x[2 * (i * time + t) + 1] = 1;
      y[i]! += numbers[i * time + t]!;
    }
  }
  return { x: tensor(x, [count, time, 2]), y: tensor(y, [count, 1]) };
}
