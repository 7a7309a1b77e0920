import '@tensorflow/tfjs-backend-cpu';
import { memory, tensor } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, ShapeError } from '../errors';
import { Param } from '../nn/param';
import { withComposedOps } from '../ops/define-op';
import { ema, GradientSum } from './index';

describe.each([
  ['kernel', <T>(f: () => T) => f()],
  ['composed', withComposedOps],
])('%s', (_, form) => {
  let before: number;
  beforeEach(async () => {
    await init();
    before = memory().numTensors;
  });
  afterEach(() => expect(memory().numTensors).toBe(before));

  test('an average follows the parameters, is swapped in and out, and resumes', () => {
    form(() => {
      const w = new Param(tensor([1, 2, 3, 4, 5]));
      const params = new Map([['w', w]]);
      const average = ema(params, { decay: 0.75 });
      w.assign(Float32Array.of(5, 6, 7, 8, 9));
      average.update();
      expect([...average.state().get('ema/w')!.dataSync()]).toEqual([2, 3, 4, 5, 6]);
      expect([...w.value.dataSync()]).toEqual([5, 6, 7, 8, 9]);

      average.swap();
      expect([...w.value.dataSync()]).toEqual([2, 3, 4, 5, 6]);
      expect(() => average.update()).toThrow(ConfigError);
      expect(() => average.state()).toThrow(ConfigError);
      average.swap();
      expect([...w.value.dataSync()]).toEqual([5, 6, 7, 8, 9]);

      const other = ema(params, { decay: 0.75 });
      other.restore(average.state());
      average.update();
      other.update();
      expect([...other.state().get('ema/w')!.dataSync()]).toEqual([...average.state().get('ema/w')!.dataSync()]);
      expect(() => other.restore(new Map())).toThrow(/lacks ema\/w/);

      average.swap();
      average.dispose(); // gives the parameters their own values back
      expect([...w.value.dataSync()]).toEqual([5, 6, 7, 8, 9]);
      other.dispose();
      w.dispose();
    });
  });

  test('gradients are summed with weights, and the given ones stay as they were', () => {
    form(() => {
      const [a, b] = [tensor([1, 2, 3, 4, 5]), tensor([10, 20, 30, 40, 50])];
      const sum = new GradientSum();
      sum.add(new Map([['w', a]]));
      sum.add(
        new Map([
          ['w', b],
          ['late', a],
        ]),
        0.5,
      );
      expect([...sum.gradients.get('w')!.dataSync()]).toEqual([6, 12, 18, 24, 30]);
      expect([...sum.gradients.get('late')!.dataSync()]).toEqual([0.5, 1, 1.5, 2, 2.5]);
      expect([...a.dataSync()]).toEqual([1, 2, 3, 4, 5]);
      const wrong = tensor([1]);
      expect(() => sum.add(new Map([['w', wrong]]))).toThrow(ShapeError);
      sum.scale(1 / 3);
      expect([...sum.gradients.get('w')!.dataSync()]).toEqual([2, 4, 6, 8, 10]);
      sum.clear();
      sum.add(new Map([['w', a]]), 2);
      expect([...sum.gradients.get('w')!.dataSync()]).toEqual([2, 4, 6, 8, 10]);
      sum[Symbol.dispose]();
      for (const tensor of [a, b, wrong]) tensor.dispose();
    });
  });
});
