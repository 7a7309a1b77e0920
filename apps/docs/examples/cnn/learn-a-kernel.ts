import { lineChart, table } from 'dl:display';
import { Conv2d } from '@dl/cnn';
import { conv2d } from '@dl/cnn/ops';
import { init, key, trainStep } from '@dl/core';
import { mse } from '@dl/core/losses';
import { tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';

await init();

// Somebody sharpened, blurred or embossed these images with a kernel that we do not know.
const secret = [-2, -1, 0, -1, 1, 1, 0, 1, 2];
const x = tensor(key(0).uniform([8, 16, 16]), [8, 16, 16, 1]);
const y = conv2d(x, tensor(secret, [3, 3, 1, 1]), undefined, { padding: 1 });

// A layer that starts with other weights sees the images before and after, and finds the kernel by its gradient.
const layer = new Conv2d({ in: 1, out: 1, kernel: 3, padding: 1, key: key(1) });
const step = trainStep(layer, mse, adam({ lr: 0.05 }));
const losses: number[] = [];
for (let i = 0; i < 300; i++) losses.push(Math.log10(step({ x, y }).loss));

const found = layer.weight.value.dataSync();
lineChart('Loss, log10', { 'mean squared error': losses }, { xLabel: 'step' });
table(
  'Kernels',
  secret.map((weight, i) => ({ place: `row ${Math.floor(i / 3)}, column ${i % 3}`, secret: weight, found: found[i]! })),
);
console.log(`largest error: ${Math.max(...secret.map((weight, i) => Math.abs(weight - found[i]!))).toExponential(1)}`);
