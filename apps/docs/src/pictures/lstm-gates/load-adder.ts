import { key } from '@dl/core';
import { decodeSafetensors } from '@dl/core/io';
import { tensor, tidy } from '@dl/core/ops';
import { type Adder, adder } from './adder';
import type { Step } from './compute';

/** The trained network of `adding-lstm.safetensors`. */
export function loadAdder(bytes: ArrayBuffer): Adder {
  const model = adder(key(0));
  const { tensors } = decodeSafetensors(bytes);
  tidy(() => {
    model.loadStateDict(new Map([...tensors].map(([name, stored]) => [name, stored.tensor()])));
  });
  return model;
}

/** What the network says the sum of the marked numbers is. */
export function answerOf(model: Adder, steps: readonly Step[]): number {
  return tidy(() => {
    const x = tensor(
      steps.flatMap(({ value, marked }) => [value, Number(marked)]),
      [1, steps.length, 2],
    );
    return model.forward(x).dataSync()[0]!;
  });
}
