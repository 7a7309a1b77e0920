import { ConfigError, init, key, trainStep } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { type Tensor, tensor, tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { layerContract } from '@dl/testing';
import { beforeAll, expect, test } from 'vitest';
import { SequenceClassifier } from './sequence-classifier';

beforeAll(() => init());

type Batch = { x: Tensor; y: Tensor; lengths: number[] };

layerContract('SequenceClassifier, last', {
  make: (key) => new SequenceClassifier({ in: 2, hidden: 3, classes: 4, bidirectional: true, key }),
  input: [3, 4, 2],
  context: { lengths: [4, 1, 2] },
});
layerContract('SequenceClassifier, mean of tokens', {
  make: (key) =>
    new SequenceClassifier({ vocabulary: 6, embedding: 2, hidden: 3, classes: 2, pool: 'mean', dropout: 0.2, key }),
  input: (key) => tensor(key.integers(12, 0, 6), [3, 4], 'int32'),
  context: { lengths: [3, 4, 2] },
  wrong: [[3], [3, 4, 2]],
});

test.each(['last', 'mean'] as const)('learns which token came first, whatever the length: %s', (pool) => {
  using model = new SequenceClassifier({ vocabulary: 4, hidden: 24, classes: 4, type: 'gru', pool, key: key(0) });
  const step = trainStep<Tensor, Tensor, Batch>(model, crossEntropy, adam({ lr: 0.02 }));
  const batch = (i: number): Batch => {
    const random = key(9).fold(i);
    const ids = random.child('ids').integers(32 * 8, 0, 4);
    const lengths = [...random.child('lengths').integers(32, 1, 9)];
    return {
      x: tensor(ids, [32, 8], 'int32'),
      y: tensor(
        Int32Array.from({ length: 32 }, (_, b) => ids[b * 8]!),
        [32],
        'int32',
      ),
      lengths,
    };
  };
  for (let i = 0; i < 100; i++) {
    const made = batch(i);
    step(made);
    made.x.dispose();
    made.y.dispose();
  }
  const { x, y, lengths } = batch(1000);
  tidy(() => {
    const logits = model.forward(x, { train: false, lengths }).arraySync() as number[][];
    const right = [...y.dataSync()].filter((label, b) => logits[b]!.indexOf(Math.max(...logits[b]!)) === label).length;
    expect(right).toBeGreaterThanOrEqual(30);
  });
});

test('needs one kind of input', () => {
  expect(() => new SequenceClassifier({ hidden: 3, classes: 2, key: key(0) })).toThrow(ConfigError);
  expect(() => new SequenceClassifier({ in: 2, vocabulary: 3, hidden: 3, classes: 2, key: key(0) })).toThrow(/one of/);
  expect(() => new SequenceClassifier({ in: 2, hidden: 3, classes: 2, pool: 'max' as 'last', key: key(0) })).toThrow(
    /pool/,
  );
});
