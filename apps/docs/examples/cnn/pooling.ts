import { digits } from 'dl:data';
import { images, table } from 'dl:display';
import { avgPool2d, maxPool2d } from '@dl/cnn/ops';
import { init } from '@dl/core';
import { grad, sum, type Tensor, tensor } from '@dl/core/ops';

await init();
const { test } = await digits();
const digit = test.images.slice(0, 28 * 28);
const image = (pixels: Float32Array) => tensor(pixels, [1, 28, 28, 1]);

const poolings: Record<string, (x: Tensor) => Tensor> = {
  'max 2': (x) => maxPool2d(x, { kernel: 2 }),
  'average 2': (x) => avgPool2d(x, { kernel: 2 }),
  'max 4': (x) => maxPool2d(x, { kernel: 4 }),
  'average 4': (x) => avgPool2d(x, { kernel: 4 }),
};

// What is left of a digit, and which of its pixels the gradient of the sum comes back to.
for (const [name, pool] of Object.entries(poolings)) {
  const pooled = pool(image(digit));
  const side = pooled.shape[1]!;
  images(`${name}: ${side} × ${side}`, [pooled.dataSync()], { width: side, height: side });
}
const backTo = Object.values(poolings).map((pool) => grad((x) => sum(pool(x)))(image(digit)).dataSync());
images('Where the gradient goes back to', backTo, { width: 28, height: 28, captions: Object.keys(poolings) });

/** The digit, moved to the right. */
const moved = (pixels: number) => Float32Array.from(digit, (_, i) => (i % 28 >= pixels ? digit[i - pixels]! : 0));

/** How much two tensors differ: the length of the difference, as a share of the length of the first. */
function difference(a: Tensor, b: Tensor): number {
  const [p, q] = [a.dataSync(), b.dataSync()];
  return Math.hypot(...p.map((it, i) => it - q[i]!)) / Math.hypot(...p);
}

// The larger the window, the less a small move matters.
table(
  'How much the digit changes when it moves to the right',
  [1, 2, 3].map((pixels) => ({
    pixels,
    'not pooled': difference(image(digit), image(moved(pixels))),
    ...Object.fromEntries(
      Object.entries(poolings).map(([name, pool]) => [
        name,
        difference(pool(image(digit)), pool(image(moved(pixels)))),
      ]),
    ),
  })),
);
