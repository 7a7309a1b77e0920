import '@tensorflow/tfjs-backend-cpu';
import { expectClose } from '@dl/testing';
import { exp, grads, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import { logSoftmax, softmax, softmaxCrossEntropy, withComposedOps } from './index';

const shapes = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 0, maxLength: 2 }),
  classes: fc.integer({ min: 1, max: 37 }),
  scale: fc.constantFrom(1, 30, 1000),
  seed: fc.nat(),
});

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test('rows of softmax sum to 1, log-softmax is its logarithm, gradients of a row sum to 0', () => {
    fc.assert(
      fc.property(shapes, ({ shape, classes, scale, seed }) => {
        tidy(() => {
          const source = key(seed);
          const full = [...shape, classes];
          const x = tensor(source.child('x').normal(full, { std: scale }), full);
          const dy = tensor(source.child('dy').normal(full), full);
          const p = softmax(x);
          expectClose(exp(logSoftmax(x)), p, 2e-6, 'exp(logSoftmax)');
          const data = [...p.dataSync()];
          for (let row = 0; row < data.length; row += classes) {
            expect(Math.abs(data.slice(row, row + classes).reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-5);
          }
          for (const f of [softmax, logSoftmax]) {
            const dx = [...grads((x: Tensor) => f(x))([x], dy)[0]!.dataSync()];
            for (let row = 0; row < dx.length; row += classes) {
              expect(Math.abs(dx.slice(row, row + classes).reduce((a, b) => a + b, 0))).toBeLessThan(2e-4);
            }
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  test('any axis is that of PyTorch', () => {
    tidy(() => {
      const x = tensor([1, 2, 3, 4, 5, 9], [2, 3]);
      const y = softmax(x, 0).dataSync();
      expect(y[0]! + y[3]!).toBeCloseTo(1, 6);
      expect(y[2]).toBeCloseTo(1 / (1 + Math.exp(6)), 6);
      expect(softmax(x, -2).dataSync()).toEqual(y);
    });
  });

  test('-Infinity has no chance; a row of nothing else has no distribution', () => {
    tidy(() => {
      const none = Number.NEGATIVE_INFINITY;
      const x = tensor([none, 0, none, 0, none, none, none, none], [2, 4]);
      for (const f of [(x: Tensor) => softmax(x), (x: Tensor) => exp(logSoftmax(x))]) {
        const y = [...f(x).dataSync()];
        expect(y.slice(0, 4)).toEqual([0, 0.5, 0, 0.5]);
        expect(y.slice(4).every(Number.isNaN)).toBe(true);
      }
      const dx = [...grads((x: Tensor) => logSoftmax(x))([x], tensor([0, 1, 0, 0, 0, 0, 0, 0], [2, 4]))[0]!.dataSync()];
      expect(dx.slice(0, 4)).toEqual([0, 0.5, 0, -0.5]);
    });
  });
});

describe('kernel and composed form agree', () => {
  beforeAll(async () => {
    await init();
  });

  test('log-softmax and the gradients of both', () => {
    fc.assert(
      fc.property(shapes, ({ shape, classes, seed }) => {
        tidy(() => {
          const source = key(seed);
          const full = [...shape, classes];
          const x = tensor(source.child('x').normal(full, { std: 4 }), full);
          const dy = tensor(source.child('dy').normal(full), full);
          for (const f of [softmax, logSoftmax]) {
            const run = () => [f(x), ...grads((x: Tensor) => f(x))([x], dy)];
            const composed = withComposedOps(run);
            for (const [i, result] of run().entries()) expectClose(result, composed[i]!, 2e-5);
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  test('cross-entropy with smoothing, weights, ignored examples and impossible classes', () => {
    const options = fc.record({
      smoothing: fc.constantFrom(0, 0.1, 1),
      weighted: fc.boolean(),
      impossible: fc.boolean(),
      ignoreIndex: fc.constantFrom(-100, 0, 1),
    });
    fc.assert(
      fc.property(shapes, options, ({ shape, classes, seed }, { smoothing, weighted, impossible, ignoreIndex }) => {
        tidy(() => {
          const source = key(seed);
          const full = [...shape, classes];
          const scores = source.child('x').normal(full, { std: 4 });
          const targets = source.child('target').integers(shape, 0, classes);
          if (impossible && smoothing === 0 && classes > 1) {
            for (const [i, target] of targets.entries()) {
              scores[i * classes + ((target + 1) % classes)] = Number.NEGATIVE_INFINITY;
            }
          }
          const logits = tensor(scores, full);
          const target = tensor(targets, shape, 'int32');
          const weights = weighted ? tensor(source.child('w').uniform(classes, { min: 0.2, max: 2 })) : undefined;
          const dy = tensor(source.child('dy').normal(shape), shape);
          const f = (logits: Tensor) => softmaxCrossEntropy({ logits, target, weights }, { smoothing, ignoreIndex });
          const run = () => [f(logits), ...grads(f)([logits], dy)];
          const composed = withComposedOps(run);
          for (const [i, result] of run().entries()) {
            const scale = Math.max(1, ...composed[i]!.dataSync().map(Math.abs));
            expectClose(result, composed[i]!, 1e-5 * scale, i === 0 ? 'loss' : 'gradient');
          }
        });
      }),
      { numRuns: 80 },
    );
  });
});
