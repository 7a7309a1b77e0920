import { featureMaps, gradCam } from '@dl/cnn';
import { key } from '@dl/core';
import { decodeSafetensors } from '@dl/core/io';
import type { Sequential } from '@dl/core/nn';
import { dispose, softmax, tensor, tidy } from '@dl/core/ops';
import { classifier, IMAGES } from './classifier.ts';
import { SIDE } from './rasterise.ts';

/** The network with the weights of a file. */
export function loadClassifier(file: ArrayBuffer): Sequential {
  const model = classifier(key(0));
  const weights = new Map([...decodeSafetensors(file).tensors].map(([name, it]) => [name, it.tensor()]));
  model.loadStateDict(weights);
  dispose([...weights.values()]);
  return model;
}

/** Maps of one layer, each `[size * size]`. */
export type Maps = {
  readonly layer: string;
  readonly size: number;
  readonly maps: Float32Array[];
};

/** What the network makes of an image. */
export type Reading = {
  /** A share for each digit. */
  readonly probabilities: Float32Array;
  readonly maps: Maps[];
  /** Where it sees the likeliest digit, `[28 * 28]`, not negative. */
  readonly cam: Float32Array;
};

/** Reads an image `[28 * 28]`. */
export function read(model: Sequential, image: Float32Array): Reading {
  return tidy(() => {
    const x = tensor(image, [1, SIDE, SIDE, 1]);
    const outputs = featureMaps(model, x);
    const maps = IMAGES.map((layer): Maps => {
      const output = outputs.get(layer)!;
      const [, size, , channels] = output.shape as [number, number, number, number];
      const values = output.dataSync() as Float32Array;
      return {
        layer,
        size,
        maps: Array.from({ length: channels }, (_, c) =>
          Float32Array.from({ length: size * size }, (_, i) => values[i * channels + c]!),
        ),
      };
    });
    dispose([...outputs.values()]);
    return {
      probabilities: (softmax(model.forward(x)).dataSync() as Float32Array).slice(),
      maps,
      cam: (gradCam(model, x, { layer: IMAGES.at(-1)! }).dataSync() as Float32Array).slice(),
    };
  });
}
