import { augment, conv2d, globalMaxPool2d, maxPool2d, randomShift } from '@dl/cnn';
import { accuracy, evaluate, fit, key, progress } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { batchNorm, flatten, type LayerSpec, linear, relu, sequential, summary } from '@dl/core/nn';
import { adam, oneCycle } from '@dl/core/optim';
import type { Section } from '../../chapter';
import { readMnist } from '../../mnist';
import { table } from '../../table';

const BATCH = 16;
/** A digit of MNIST leaves a margin of 4 pixels: moved by as much, none of it is lost. */
const PIXELS = 4;
const NEEDED = { cnn: 0.9, dense: 0.5 };

const convolution = (out: number, kernel: number) => [
  conv2d({ out, kernel, padding: 'same', bias: false }),
  batchNorm(),
  relu(),
];

const networks: readonly { name: 'dense' | 'cnn'; title: string; layers: readonly LayerSpec[] }[] = [
  { name: 'dense', title: 'dense, 784-25-10', layers: [flatten(), linear({ out: 25 }), relu(), linear({ out: 10 })] },
  {
    name: 'cnn',
    title: 'CNN: 8, 24 and 64 maps, the largest value of each, dense 10',
    layers: [
      ...convolution(8, 5),
      maxPool2d({ kernel: 2 }),
      ...convolution(24, 5),
      maxPool2d({ kernel: 2 }),
      ...convolution(64, 3),
      globalMaxPool2d(),
      linear({ out: 10 }),
    ],
  },
];

/** Two networks of as many parameters learn the same digits, and are shown others: where they were, and moved. */
export const shiftedDigits: Section = {
  name: 'dense and CNN, digits moved',
  title: `As many parameters, dense and convolutional: trained on centred digits, tested on digits moved by up to ${PIXELS} pixels`,
  async run({ print, full, signal }) {
    const { train, test } = await readMnist();
    const [digits, tested] = full ? [60_000, 10_000] : [8_000, 2_000];
    const shown = test.take(tested).batch(500);
    const moved = shown.map(augment(key(2), [randomShift({ pixels: PIXELS })]));
    const scores: Record<'dense' | 'cnn', { centred: number; moved: number }> = {
      dense: { centred: 0, moved: 0 },
      cnn: { centred: 0, moved: 0 },
    };
    const rows: string[][] = [];
    for (const { name, title, layers } of networks) {
      using model = sequential({ input: [28, 28, 1], key: key(0) }, layers);
      const data = train.take(digits).shuffle(key(1)).batch(BATCH);
      using optimizer = adam({ lr: oneCycle({ maxLr: 5e-3, totalSteps: data.size! }) });
      await progress(fit(model, { data, loss: crossEntropy, optimizer, epochs: 1, signal })).finish();
      const score = async (data: typeof shown) =>
        (await evaluate(model, data, { loss: crossEntropy, metrics: { accuracy: accuracy() }, signal })).accuracy!;
      scores[name] = { centred: await score(shown), moved: await score(moved) };
      const { parameters } = summary(model, { input: [28, 28, 1] });
      rows.push([title, parameters.toLocaleString('en'), percent(scores[name].centred), percent(scores[name].moved)]);
    }
    print(table(['network', 'parameters', 'centred', `moved by up to ${PIXELS}`], rows));
    print(`Of ${tested.toLocaleString('en')} test digits, after one pass over ${digits.toLocaleString('en')}.`);
    return {
      result: `moved: dense ${percent(scores.dense.moved)}, CNN ${percent(scores.cnn.moved)}`,
      reference: `dense below ${percent(NEEDED.dense, 0)}, CNN at least ${percent(NEEDED.cnn, 0)}`,
      reached: scores.dense.moved < NEEDED.dense && scores.cnn.moved >= NEEDED.cnn,
    };
  },
};

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
