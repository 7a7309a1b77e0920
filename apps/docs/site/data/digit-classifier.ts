import { mkdir, writeFile } from 'node:fs/promises';
import { augment, randomRotation, randomShift } from '@dl/cnn';
import { accuracy, evaluate, fit, init, key } from '@dl/core';
import { encodeSafetensors } from '@dl/core/io';
import { crossEntropy } from '@dl/core/losses';
import { adam, oneCycle } from '@dl/core/optim';
import { readMnist } from '../../../demo/src/mnist.ts';
import { classifier } from '../../src/pictures/draw-digit/classifier.ts';

const BATCH = 64;
/** Share of the 10,000 test digits that it must read; on fewer the picture would disappoint. */
const NEEDED = 0.97;

/**
 * Trains the network of the picture that reads a drawn digit, on digits of MNIST that are turned by up to 15 degrees and moved
 * by up to 2 pixels, and writes `digit-classifier.safetensors`.
 */
export async function build(target: URL): Promise<void> {
  await init();
  const { train, test } = await readMnist();
  const [weights, order, changes] = key(0).split(3);
  using model = classifier(weights);
  const transforms = [randomRotation({ degrees: 15 }), randomShift({ pixels: 2 })];
  const data = train.shuffle(order).batch(BATCH).map(augment(changes, transforms));
  using optimizer = adam({ lr: oneCycle({ maxLr: 1e-2, totalSteps: data.size! }) });
  await fit(model, { data, loss: crossEntropy, optimizer, epochs: 1 }).finish();
  const { accuracy: reached = 0 } = await evaluate(model, test.batch(500), {
    loss: crossEntropy,
    metrics: { accuracy: accuracy() },
  });
  if (!(reached >= NEEDED)) throw new Error(`the network reads ${reached} of the test digits, ${NEEDED} are needed`);
  await mkdir(target, { recursive: true });
  await writeFile(
    new URL('digit-classifier.safetensors', target),
    encodeSafetensors(model.stateDict(), { accuracy: reached.toFixed(4) }),
  );
}
