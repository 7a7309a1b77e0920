import { ConfigError, key, trainStep } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { add, slice, tensor, tidy } from '@dl/core/ops';
import { sgd } from '@dl/core/optim';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { seq2seq } from '../model';
import { collatePairs, constantForcing, inverseSigmoidForcing, linearForcing, seq2seqLoss } from './index';

const pairs = [
  { source: [4, 5, 6], target: [5] },
  { source: [], target: [4, 6, 5] },
];

test('the schedules of scheduled sampling', () => {
  expect(constantForcing(0.3)(1000)).toBe(0.3);
  const linear = linearForcing({ from: 1, to: 0.2, steps: 4 });
  expect([0, 2, 4, 9].map(linear)).toEqual([1, 0.6, 0.2, 0.2].map((chance) => expect.closeTo(chance) as number));
  const sigmoid = inverseSigmoidForcing({ k: 10 });
  expect([0, 10 * Math.log(10)].map(sigmoid)).toEqual([10 / 11, 0.5].map((chance) => expect.closeTo(chance) as number));
  expect(() => constantForcing(1.2)).toThrow(/a chance is from 0 to 1/);
  expect(() => linearForcing({ steps: 0 })).toThrow(ConfigError);
  expect(() => inverseSigmoidForcing({ k: 0.5 })).toThrow(ConfigError);
});

onBackends(['wasm', 'cpu'], () => {
  test('a batch of pairs, an empty source among them', () => {
    tidy(() => {
      const batch = collatePairs()(pairs);
      expect(batch.source.arraySync()).toEqual([
        [4, 5, 6],
        [0, 0, 0],
      ]);
      expect([...(batch.sourceLengths as ReturnType<typeof tensor>).dataSync()]).toEqual([3, 0]);
      expect(batch.target.arraySync()).toEqual([
        [2, 5, 0, 0],
        [2, 4, 6, 5],
      ]);
      expect(batch.labels.arraySync()).toEqual([
        [5, 3, 0, 0],
        [4, 6, 5, 3],
      ]);
      const copies = collatePairs({ targetSize: 7 })([{ source: [4, 9], target: [7], copyIds: [4, 8] }]);
      expect(copies.copySize).toBe(9);
      expect(collatePairs({ targetSize: 7 })([{ source: [], target: [], copyIds: [] }]).copySize).toBe(7);
    });
    expect(() => collatePairs()([])).toThrow(/there is no pair/);
  });

  test('the loss is the mean over the real tokens, smoothed or not', () => {
    using model = seq2seq({ source: 8, target: 7, hidden: 5, attention: 'additive', key: key(0) });
    tidy(() => {
      const batch = collatePairs()(pairs);
      for (const labelSmoothing of [0, 0.1]) {
        const result = seq2seqLoss({ labelSmoothing }).compute(model, batch, { train: false });
        const { loss, prediction } = result as Exclude<typeof result, { dataId: object }>;
        const rows = [slice(prediction, [0, 0, 0], [1, 2, 7]), slice(prediction, [1, 0, 0], [1, 4, 7])];
        const wanted = [tensor([[5, 3]], [1, 2], 'int32'), tensor([[4, 6, 5, 3]], [1, 4], 'int32')];
        const sums = rows.map((logits, i) => crossEntropy(logits, wanted[i]!, { labelSmoothing, reduction: 'sum' }));
        expect(loss.dataSync()[0]).toBeCloseTo(add(sums[0]!, sums[1]!).dataSync()[0]! / 6, 5);
      }
    });
  });

  test('a step of training, with the schedule at the step of the optimizer', () => {
    using model = seq2seq({ source: 8, target: 7, hidden: 5, attention: 'additive', key: key(0) });
    const asked: number[] = [];
    const optimizer = sgd({ lr: 0.1 });
    const teacherForcing = (step: number) => {
      asked.push(step);
      return 0.5;
    };
    const step = trainStep(model, seq2seqLoss({ sampling: { teacherForcing, optimizer } }), optimizer);
    tidy(() => {
      const batch = collatePairs()(pairs);
      for (let i = 0; i < 3; i++) step(batch, { key: key(1) });
      expect(asked).toEqual([0, 1, 2]);
    });
  });
});
