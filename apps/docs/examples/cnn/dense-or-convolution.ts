import { digits } from 'dl:data';
import { progress, table } from 'dl:display';
import { augmentImages, conv2d, globalMaxPool2d, maxPool2d, randomShift } from '@dl/cnn';
import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { crossEntropy } from '@dl/core/losses';
import { batchNorm, flatten, type LayerSpec, linear, relu, type Sequential, sequential, summary } from '@dl/core/nn';
import { argMax, tensor } from '@dl/core/ops';
import { adam, oneCycle } from '@dl/core/optim';

await init();
const { train, test } = await digits();
const centred = tensor(test.images, [test.count, 28, 28, 1]);
const moved = augmentImages(centred, [randomShift({ pixels: 4 })], key(2)); // the margin of a digit is 4 pixels

const block = (out: number) => [conv2d({ out, kernel: 3, padding: 'same', bias: false }), batchNorm(), relu()];
const networks: Record<string, LayerSpec[]> = {
  'fully connected, 784-25-10': [flatten(), linear({ out: 25 }), relu(), linear({ out: 10 })],
  'convolutions to 8, 16, 32 maps': [
    ...block(8),
    maxPool2d({ kernel: 2 }),
    ...block(16),
    maxPool2d({ kernel: 2 }),
    ...block(32),
    globalMaxPool2d(), // how strong each feature is, wherever it is
    linear({ out: 10 }),
  ],
};

const data = Dataset.fromArrays({ x: { data: train.images, shape: [train.count, 28, 28, 1] }, y: train.labels })
  .shuffle(key(1))
  .batch(32);
const epochs = 3;
const totalSteps = epochs * data.size!;
const rows = [];
for (const [name, layers] of Object.entries(networks)) {
  const model = sequential({ input: [28, 28, 1], key: key(0) }, layers);
  const run = fit(model, {
    data,
    loss: crossEntropy,
    optimizer: adam({ lr: oneCycle({ maxLr: 0.01, totalSteps }) }),
    epochs,
  });
  run.on('step', ({ index }) => progress(index / totalSteps, name));
  await run.finish();
  const { parameters } = summary(model, { input: [28, 28, 1] });
  rows.push({ network: name, parameters, 'centred %': read(model, centred), 'moved by up to 4 %': read(model, moved) });
}
table('Trained on 2,000 centred digits, tested on 500 others', rows);

/** How many of a hundred test digits a model reads. */
function read(model: Sequential, images: typeof centred): number {
  const taken = argMax(model.predict(images), -1).dataSync();
  return (100 * test.labels.filter((label, i) => label === taken[i]).length) / test.count;
}
