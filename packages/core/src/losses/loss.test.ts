import '@tensorflow/tfjs-backend-cpu';
import { expectClose } from '@dl/testing';
import { grads, memory, mul, neg, scalar, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DtypeError, ShapeError } from '../errors';
import { checkGradients } from '../gradcheck';
import { logSoftmax, withComposedOps } from '../ops';
import { key } from '../random';
import {
  bce,
  bceWithLogits,
  cosine,
  crossEntropy,
  ctc,
  hinge,
  huber,
  klDiv,
  type Loss,
  mae,
  mse,
  multiMargin,
  nll,
  smoothL1,
} from './index';

const number = (loss: Tensor) => loss.dataSync()[0]!;

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test('options are fixed by with, and overridden by a call', () => {
    tidy(() => {
      const [x, t] = [tensor([[2, 0, 1]]), tensor([0], [1], 'int32')];
      const smooth: Loss = crossEntropy.with({ labelSmoothing: 0.1 });
      expect(number(smooth(x, t))).toBeCloseTo(number(crossEntropy(x, t, { labelSmoothing: 0.1 })), 6);
      const both = crossEntropy.with({ labelSmoothing: 0.1, reduction: 'sum' }).with({ labelSmoothing: 0.3 });
      expect(number(both(x, t))).toBeCloseTo(number(crossEntropy(x, t, { labelSmoothing: 0.3 })), 6);
      expect(both(x, t, { reduction: 'none' }).shape).toEqual([1]);
      expect(crossEntropy.name).toBe('crossEntropy');
    });
  });

  test('cross-entropy is nll of log-softmax, also where nothing or all is ignored', () => {
    tidy(() => {
      const x = tensor(key(1).normal([4, 5, 3]), [4, 5, 3]);
      const t = tensor(key(2).integers([4, 5], 0, 3), [4, 5], 'int32');
      const classWeights = tensor([0.5, 2, 1]);
      for (const options of [{}, { ignoreIndex: 2 }, { classWeights }, { classWeights, ignoreIndex: 0 }]) {
        expectClose(crossEntropy(x, t, options), nll(logSoftmax(x), t, options), 1e-6);
      }
      expect(number(crossEntropy(x, mul(t, 0), { ignoreIndex: 0 }))).toBeNaN();
      expect(number(crossEntropy(x, mul(t, 0), { ignoreIndex: 0, reduction: 'sum' }))).toBe(0);
    });
  });

  test('empty batches: nothing to sum, no mean', () => {
    tidy(() => {
      const [x, t] = [tensor([], [0, 3]), tensor([], [0], 'int32')];
      expect(number(crossEntropy(x, t, { reduction: 'sum' }))).toBe(0);
      expect(number(crossEntropy(x, t))).toBeNaN();
      expect(crossEntropy(x, t, { reduction: 'none' }).shape).toEqual([0]);
      expect(number(mse(x, x, { reduction: 'sum' }))).toBe(0);
      expect(number(mse(x, x))).toBeNaN();
      expect(grads((x: Tensor) => mse(x, tensor([], [0, 3])))([x])[0]!.shape).toEqual([0, 3]);
    });
  });

  test('hinge, of two and of several classes', () => {
    tidy(() => {
      const [x, t] = [tensor([0.5, -2, 3, 0.25]), tensor([1, 1, 1, -1])];
      expect([...hinge(x, t, { reduction: 'none' }).dataSync()]).toEqual([0.5, 3, 0, 1.25]);
      expect(number(hinge(x, t, { squared: true, reduction: 'sum' }))).toBeCloseTo(0.25 + 9 + 1.5625, 5);
      expect(checkGradients((x) => hinge(x, t, { margin: 1.5 }), x).ok).toBe(true);

      const [scores, classes] = [tensor([1, 0.5, -1, 0, 2, 1.5], [2, 3]), tensor([0, 2], [2], 'int32')];
      // (max(0, 1 - 1 + 0.5) + max(0, 1 - 1 - 1)) / 3 and (max(0, 1 - 1.5 + 0) + max(0, 1 - 1.5 + 2)) / 3
      expectClose(multiMargin(scores, classes, { reduction: 'none' }), tensor([0.5 / 3, 1.5 / 3]), 1e-6);
      expectClose(multiMargin(scores, classes, { p: 2 }), scalar((0.25 / 3 + 2.25 / 3) / 2), 1e-6);
      const classWeights = tensor([2, 1, 4]);
      expectClose(multiMargin(scores, classes, { classWeights }), scalar((1 / 3 + 6 / 3) / 2), 1e-6);
      expect(checkGradients((x) => multiMargin(x, classes, { p: 2, classWeights }), scores).ok).toBe(true);
    });
  });

  test('cosine of pairs that should and should not be alike', () => {
    tidy(() => {
      const [a, b] = [tensor([1, 0, 3, 4], [2, 2]), tensor([0, 2, 6, 8], [2, 2])];
      expectClose(cosine(a, b, { reduction: 'none' }), tensor([1, 0]), 1e-6);
      const labels = tensor([-1, -1]);
      expectClose(cosine(a, b, { labels, margin: 0.4, reduction: 'none' }), tensor([0, 0.6]), 1e-6);
      const [x, y] = [tensor(key(3).normal([3, 4]), [3, 4]), tensor(key(4).normal([3, 4]), [3, 4])];
      const mixed = tensor([1, -1, 1]);
      expect(checkGradients((x, y) => cosine(x, y, { labels: mixed, margin: -0.9 }), [x, y]).ok).toBe(true);
    });
  });

  test('klDiv of logarithms, and where the target is 0', () => {
    tidy(() => {
      const logP = logSoftmax(tensor([1, 2, 3, 0, 0, 5], [2, 3]));
      const logT = logSoftmax(tensor([3, 1, 1, 0, 1, 2], [2, 3]));
      const asLogs = klDiv(logP, logT, { logTarget: true, reduction: 'batchmean' });
      const asChances = klDiv(logP, tensor([...logT.dataSync()].map(Math.exp), [2, 3]), { reduction: 'batchmean' });
      expectClose(asLogs, asChances, 1e-6);
      expectClose(klDiv(tensor([-1, -2]), tensor([0, 1]), { reduction: 'sum' }), scalar(2), 1e-6);
    });
  });

  test('ctc: lengths, impossible targets, and its gradient under log-softmax', () => {
    tidy(() => {
      const scores = tensor(key(7).normal([2, 5, 4]), [2, 5, 4]);
      const target = tensor([1, 2, 3, 3, 3, 0], [2, 3], 'int32');
      const options = { inputLengths: [5, 4], targetLengths: tensor([3, 2], [2], 'int32') };
      const f = (scores: Tensor) => ctc(logSoftmax(scores), target, { ...options, reduction: 'sum' });
      expect(checkGradients(f, scores).ok).toBe(true);

      // two equal labels need a blank between: three steps at least
      const tooShort = { inputLengths: [5, 2], targetLengths: [3, 2] };
      const losses = ctc(logSoftmax(scores), target, { ...tooShort, reduction: 'none' }).dataSync();
      expect(losses[1]).toBe(Number.POSITIVE_INFINITY);
      const zeroed = (scores: Tensor) => ctc(logSoftmax(scores), target, { ...tooShort, zeroInfinity: true });
      expectClose(zeroed(scores), scalar(losses[0]! / 3 / 2), 1e-6);
      const gradient = grads(zeroed)([scores])[0]!.dataSync();
      expect([...gradient.slice(20)].every((v) => v === 0)).toBe(true);
      expect(gradient.slice(0, 20).every(Number.isFinite)).toBe(true);
      // no label: the chance of blanks alone
      const blanks = ctc(logSoftmax(scores), target, { targetLengths: [0, 0], reduction: 'none' }).dataSync();
      const logP = logSoftmax(scores).dataSync();
      const alone = -[0, 4, 8, 12, 16].reduce((sum, at) => sum + logP[at]!, 0);
      expect(blanks[0]).toBeCloseTo(alone, 4);
    });
  });

  test('gradients by the target', () => {
    tidy(() => {
      const p = tensor([0.2, 0.7, 0.4]);
      const t = tensor([0.35, 0.6, 0.9]);
      for (const loss of [mse, mae, huber, smoothL1, bce, bceWithLogits, klDiv] as Loss[]) {
        for (const reduction of ['mean', 'none'] as const) {
          const report = checkGradients((p, t) => loss(p, t, { reduction }), [p, t]);
          expect(report.ok, `${loss.name}, ${reduction}\n${report.toString()}`).toBe(true);
        }
      }
    });
  });

  test('bad input is refused', () => {
    const before = memory().numTensors;
    tidy(() => {
      const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
      const int = (values: number[]) => tensor(values, [values.length], 'int32');
      expect(() => mse(x, tensor([1, 2, 3]))).toThrow(ShapeError);
      expect(() => mse(int([1]), int([1]))).toThrow(DtypeError);
      expect(() => mse(x, x, { reduction: 'average' as 'mean' })).toThrow("the reduction 'average' is not known");
      expect(() => nll(x, int([0, 1]), { reduction: 'average' as 'mean' })).toThrow(ConfigError);
      expect(() => crossEntropy(x, int([0, 3]))).toThrow('target 1 is 3, it must be a whole number from 0 to 2');
      expect(() => crossEntropy(x, int([-1, 0]))).toThrow('target 0 is -1');
      expect(() => crossEntropy(x, tensor([0, 1.5]))).toThrow('target 1 is 1.5');
      expect(() => crossEntropy(x, int([0]))).toThrow('the target must have [2]');
      expect(() => crossEntropy(x, int([0, 1]), { labelSmoothing: 2 })).toThrow('labelSmoothing is 2');
      expect(() => crossEntropy(x, int([0, 1]), { classWeights: tensor([1, 2]) })).toThrow('3 classes need 3 weights');
      expect(() => bce(x, x)).toThrow('prediction 1 is 2, it must be from 0 to 1');
      expect(() => bceWithLogits(x, x, { posWeight: tensor([1, 2]) })).toThrow(ShapeError);
      expect(() => hinge(x, x)).toThrow('target 1 is 2, it must be -1 or 1');
      expect(() => cosine(x, x, { labels: tensor([1]) })).toThrow('one label for each pair');
      expect(() => huber(x, x, { delta: 0 })).toThrow('delta is 0');
      expect(() => smoothL1(x, x, { beta: -1 })).toThrow('beta is -1');
      const logP = tensor([1, 2, 3, 4, 5, 6], [1, 3, 2]);
      expect(() => ctc(logP, tensor([[0]], [1, 1], 'int32'))).toThrow('label 0 of target 0 is 0');
      expect(() => ctc(logP, tensor([[1]], [1, 1], 'int32'), { inputLengths: [4] })).toThrow('inputLengths 0 is 4');
      expect(() => ctc(x, x)).toThrow(ShapeError);
    });
    expect(memory().numTensors).toBe(before);
  });

  test('classes may come as floats that are whole', () => {
    tidy(() => {
      const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
      expectClose(crossEntropy(x, tensor([0, 2])), crossEntropy(x, tensor([0, 2], [2], 'int32')), 0);
    });
  });
});

describe('kernel and composed form agree', () => {
  beforeAll(async () => {
    await init();
  });

  const pairs: Record<string, [Loss, option: object]> = {
    bce: [bce, {}],
    bceWithLogits: [bceWithLogits, {}],
    huber: [huber, { delta: 0.7 }],
    mae: [mae, {}],
    mse: [mse, {}],
    smoothL1: [smoothL1, { beta: 0.4 }],
  };

  test.each(Object.entries(pairs))('%s at any length', (name, [loss, option]) => {
    for (const n of [1, 2, 3, 4, 5, 7, 1023, 1024, 1025, 5001]) {
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        tidy(() => {
          const draw = (part: string) => tensor(key(n).child(part).uniform(n));
          const [p, t] = [name === 'bce' ? draw('p') : mul(draw('p'), 5), draw('t')];
          const f = (p: Tensor, t: Tensor) => loss(p, t, { ...option, reduction });
          const dy = reduction === 'none' ? draw('dy') : scalar(0.7);
          const run = () => [f(p, t), ...grads(f)([p, t], dy)];
          const composed = withComposedOps(run);
          for (const [i, result] of run().entries()) {
            const scale = Math.max(1, ...composed[i]!.dataSync().map(Math.abs));
            expectClose(result, composed[i]!, 2e-6 * scale, `${name} of ${n}, ${reduction}, result ${i}`);
          }
        });
      }
    }
  });

  test.each(Object.entries(pairs))('%s: NaN stays, equal ends cost what PyTorch says', (name, [loss, option]) => {
    tidy(() => {
      const t = tensor([0, 1, 0, 1, 1]);
      const y = loss(tensor([0, 1, 1, 0, Number.NaN]), t, { ...option, reduction: 'none' }).dataSync();
      expect(y[4]).toBeNaN();
      if (name === 'bce') expect([...y.slice(0, 4)]).toEqual([0, 0, 100, 100]);
      expect(loss(neg(tensor([Number.NaN])), tensor([1]), option).dataSync()[0]).toBeNaN();
    });
  });
});
