import { key, trainStep } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { linear, relu, sequential } from '@dl/core/nn';
import { ones, tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { expectClose, expectNoLeaks, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { conv2d, globalAvgPool2d } from '../layers';
import { gradCam, LeNet } from './index';

/** Noise with, in one quadrant, stripes along or across: which quadrant says nothing, which stripes is the class. */
function stripes(count: number, seed: number) {
  const size = 12;
  const values = key(seed).normal(count * size * size, { std: 0.2 });
  const quadrants = key(seed).child('quadrants').integers(count, 0, 4);
  const labels = key(seed).child('labels').integers(count, 0, 2);
  for (let n = 0; n < count; n++) {
    const [top, left] = [quadrants[n]! >> 1, quadrants[n]! & 1].map((half) => half * 6);
    for (let row = 0; row < 6; row++) {
      for (let column = 0; column < 6; column++) {
        const bright = (labels[n] === 0 ? row : column) % 2 === 0;
        values[(n * size + top! + row) * size + left! + column]! += bright ? 1 : -1;
      }
    }
  }
  return { x: tensor(values, [count, size, size, 1]), y: tensor(labels, [count], 'int32'), quadrants, labels };
}

onBackends(['wasm'], () => {
  test('finds the quadrant that a trained network goes by', () => {
    expectNoLeaks(() => {
      using model = sequential({ input: [12, 12, 1], key: key(0) }, [
        conv2d({ out: 8, kernel: 3, padding: 1, activation: 'relu' }),
        conv2d({ out: 8, kernel: 3, padding: 1 }),
        relu(),
        globalAvgPool2d(),
        linear({ out: 2 }),
      ]);
      using optimizer = adam({ lr: 0.02 });
      const step = trainStep(model, crossEntropy, optimizer);
      for (let i = 0; i < 40; i++) {
        const { x, y } = stripes(32, 100 + i);
        step({ x, y });
        x.dispose();
        y.dispose();
      }
      const { x, y, quadrants, labels } = stripes(40, 5);
      using map = gradCam(model, x, { classes: labels });
      expect(map.shape).toEqual([40, 12, 12]);
      const values = map.dataSync();
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      let right = 0;
      for (const [n, quadrant] of quadrants.entries()) {
        const heat = [0, 0, 0, 0];
        for (let i = 0; i < 144; i++) heat[2 * Math.floor(i / 72) + Math.floor((i % 12) / 6)]! += values[n * 144 + i]!;
        if (heat.indexOf(Math.max(...heat)) === quadrant) right++;
      }
      expect(right).toBeGreaterThanOrEqual(36); // of 40; by chance 10
      x.dispose();
      y.dispose();
    });
  });
});

onBackends(['wasm', 'cpu'], () => {
  test('is the formula: maps weighed by the mean of the gradient', () => {
    expectNoLeaks(() => {
      // Behind a global mean the gradient by a map is the weight of the class, over the number of places.
      using model = sequential({ input: [2, 2, 1], key: key(0) }, [
        conv2d({ out: 2, kernel: 1 }),
        globalAvgPool2d(),
        linear({ out: 2 }),
      ]);
      const state = model.parameters();
      state.get('0.weight')!.assign(Float32Array.of(1, -1));
      state.get('0.bias')!.assign(Float32Array.of(0, 2));
      state.get('2.weight')!.assign(Float32Array.of(4, 8, -4, 4));
      state.get('2.bias')!.assign(Float32Array.of(0, 0));
      using x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
      // Maps x and 2 - x; weights [1, 2] for class 0: 4 - x; [-1, 1] for class 1: 2 - 2x.
      using first = gradCam(model, x, { classes: [0] });
      expectClose(first, { shape: [1, 2, 2], data: [3, 2, 1, 0] }, 1e-5);
      using second = gradCam(model, x, { classes: [1], layer: '0' });
      expectClose(second, { shape: [1, 2, 2], data: [0, 0, 0, 0] }, 1e-5);
      using chosen = gradCam(model, x); // scores 4 * 2.5 - 8 * 0.5 = 6 and -12: class 0
      expectClose(chosen, first, 0);
      using small = gradCam(model, x, { classes: [0], size: [1, 1] });
      expectClose(small, { shape: [1, 1, 1], data: [1.5] }, 1e-5);
    });
  });

  test('what does not fit is refused', () => {
    using model = new LeNet({ input: [4, 4, 1], channels: [2, 2], hidden: 3, classes: 2, key: key(0) });
    using x = ones([2, 4, 4, 1]);
    expectNoLeaks(() => {
      expect(() => gradCam(model, x, { layer: 'conv3' })).toThrow(
        /no layer 'conv3'\n\s+hint\s+images are given by conv1, pool1, conv2, pool2/,
      );
      expect(() => gradCam(model, x, { layer: 'fc1' })).toThrow(/the layer 'fc1' gives \[2, 3\], which is no image/);
      expect(() => gradCam(model, x, { classes: [0] })).toThrow(/1 classes are given for 2 images/);
      expect(() => gradCam(model, x, { classes: [0, 2] })).toThrow(/the class 2 is none of the 2/);
    });
  });
});
