import { conv2d, globalMaxPool2d, maxPool2d } from '@dl/cnn';
import type { Key } from '@dl/core';
import { batchNorm, linear, relu, type Sequential, sequential } from '@dl/core/nn';

/** Where in the network the images are that the picture shows: the outputs of its three activations. */
export const IMAGES = ['2', '6', '10'] as const;

/** A small network that reads digits; the site's build trains it, the picture loads its weights. */
export function classifier(key: Key): Sequential {
  const block = (out: number, kernel: number) => [
    conv2d({ out, kernel, padding: 'same', bias: false }),
    batchNorm(),
    relu(),
  ];
  return sequential({ input: [28, 28, 1], key }, [
    ...block(8, 5),
    maxPool2d({ kernel: 2 }),
    ...block(16, 3),
    maxPool2d({ kernel: 2 }),
    ...block(48, 3),
    globalMaxPool2d(),
    linear({ out: 10 }),
  ]);
}
