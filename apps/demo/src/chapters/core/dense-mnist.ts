import { accuracy, ConfusionMatrix, fit, key, progress } from '@dl/core';
import { disposeBatch } from '@dl/core/data';
import { crossEntropy } from '@dl/core/losses';
import { dropout, flatten, linear, relu, sequential, summary } from '@dl/core/nn';
import { adam, cosine } from '@dl/core/optim';
import type { Section } from '../../chapter';
import { readMnist } from '../../mnist';

const BATCH = 128;

/** A network of two dense layers that learns to read handwritten digits. */
export const denseMnist: Section = {
  name: 'dense network on MNIST',
  title: 'A dense network on MNIST: 60,000 digits to learn from, 10,000 others to be tested on',
  async run({ print, full, signal }) {
    const { train, test } = await readMnist();
    const [hidden, epochs, needed] = full ? [512, 12, 0.982] : [256, 5, 0.97];
    const [weights, order, masks] = key(0).split(3);
    const model = sequential({ input: [28, 28, 1], key: weights }, [
      flatten(),
      linear({ out: hidden }),
      relu(),
      ...(full ? [dropout({ rate: 0.2 })] : []),
      linear({ out: 10 }),
    ]);
    try {
      print(`${summary(model, { input: [28, 28, 1] }).toString()}\n`);
      const data = train.shuffle(order).batch(BATCH);
      const run = fit(model, {
        data,
        loss: crossEntropy,
        optimizer: adam({ lr: cosine({ lr: 2e-3, tMax: epochs * data.size! }) }),
        epochs,
        key: masks,
        signal,
      });
      const { validation } = await progress(run).finish({
        validate: test.batch(1000),
        metrics: { accuracy: accuracy() },
      });

      const matrix = new ConfusionMatrix({ classes: 10 });
      for await (const batch of test.batch(1000)) {
        const logits = model.predict(batch.x);
        matrix.update(logits, batch.y);
        logits.dispose();
        disposeBatch(batch);
      }
      print(`\nWhat the 10,000 test digits were taken for:\n${matrix.toString()}`);
      const reached = validation.accuracy ?? 0;
      return {
        result: `${(100 * reached).toFixed(2)} % of the test digits, ${epochs} epochs`,
        reference: `at least ${(100 * needed).toFixed(1)} %`,
        reached: reached >= needed,
      };
    } finally {
      model.dispose();
    }
  },
};
