import { digits } from 'dl:data';
import { images, table } from 'dl:display';
import { outputSize } from '@dl/cnn';
import { conv2d } from '@dl/cnn/ops';
import { init } from '@dl/core';
import { relu, tensor } from '@dl/core/ops';

await init();
const { test } = await digits();
const digit = test.images.slice(0, 28 * 28);
const x = tensor(digit, [1, 28, 28, 1]);

// A kernel is a small picture of what it looks for. Change the numbers!
const kernels: Record<string, number[]> = {
  'left edges': [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  'top edges': [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  outline: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  blur: [1, 2, 1, 2, 4, 2, 1, 2, 1].map((it) => it / 16),
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
};

const maps = Object.values(kernels).map((weights) => {
  const weight = tensor(weights, [3, 3, 1, 1]); // [height, width, channels in, channels out]
  return relu(conv2d(x, weight, undefined, { padding: 1 })).dataSync();
});
images(`A ${test.labels[0]} and what five kernels see of it`, [digit, ...maps], {
  width: 28,
  height: 28,
  captions: ['the digit', ...Object.keys(kernels)],
});

// The size of the output: counted by the formula, and as it comes out.
const settings = [
  { padding: 0, stride: 1, dilation: 1 },
  { padding: 1, stride: 1, dilation: 1 },
  { padding: 0, stride: 2, dilation: 1 },
  { padding: 1, stride: 2, dilation: 1 },
  { padding: 0, stride: 1, dilation: 3 },
];
const blur = tensor(kernels.blur!, [3, 3, 1, 1]);
table(
  'A 3 × 3 kernel on 28 × 28 pixels',
  settings.map(({ padding, stride, dilation }) => ({
    padding,
    stride,
    dilation,
    formula: outputSize({ input: 28, kernel: 3, padding: 2 * padding, stride, dilation }),
    'comes out': conv2d(x, blur, undefined, { padding, stride, dilation }).shape.join(' × '),
  })),
);
console.log('Every kernel has 9 numbers, and meets each of the 784 places: weights are shared.');
