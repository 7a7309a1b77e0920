import { add, memory, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import { relu } from './activations';
import { Embedding } from './embedding';
import { flatten } from './flatten';
import { Linear, linear } from './linear';
import { Module, type Shape } from './module';
import { residual } from './residual';
import { sequential } from './sequential';
import { summary } from './summary';

beforeAll(async () => {
  await init();
});

test('a stack prints as a table', () => {
  using model = sequential({ input: [28, 28, 1], key: key(0) }, [
    flatten(),
    linear({ out: 64 }),
    residual({ body: [linear({ out: 64 }), relu()] }),
    linear({ out: 10 }),
  ]);
  model.parameters().get('1.weight')!.trainable = false;
  const before = memory().numTensors;
  expect(`\n${summary(model, { input: [28, 28, 1] }).toString()}\n`).toMatchInlineSnapshot(`
    "
    layer     type        output  parameters     memory  activations
    ----------------------------------------------------------------
    0         Flatten     [784]                              3.1 KiB
    1         Linear      [64]        50,240  196.3 KiB        256 B
    2         Residual    [64]
    2.body    Sequential  [64]
    2.body.0  Linear      [64]         4,160   16.3 KiB        256 B
    2.body.1  ReLU        [64]                                 256 B
    3         Linear      [10]           650    2.5 KiB         40 B
    ----------------------------------------------------------------
    55,050 parameters (50,176 frozen), 215.0 KiB; 3.9 KiB of activations per example in training
    "
  `);
  expect(memory().numTensors).toBe(before);
});

class Tower extends Module<Tensor, { output: Tensor; pooled: Tensor }> {
  readonly words = new Embedding({ num: 7, dim: 4, key: key(0) });
  readonly blocks = [new Linear({ in: 4, out: 4, key: key(1) }), new Linear({ in: 4, out: 4, key: key(2) })];
  readonly head = this.blocks[0]!; // the same weights a second time
  readonly unused = new Linear({ in: 2, out: 2, bias: false, key: key(3) });

  forward(x: Tensor) {
    const inner = this.blocks.reduce((y, block) => block.forward(y), this.words.forward(x));
    return { output: this.head.forward(inner), pooled: add(inner, 1) };
  }

  outputShape(input: Shape): Shape {
    return [...input, 4];
  }
}

test('any module is summed up: children in the order of the fields, shared ones once, unused ones said so', () => {
  using model = new Tower();
  const result = summary(model, { input: [5], dtype: 'int32' });
  expect(result.rows.map(({ path, type, output, parameters }) => [path, type, output, parameters])).toEqual([
    ['words', 'Embedding', [5, 4], 28],
    ['blocks.0', 'Linear', [5, 4], 20],
    ['blocks.1', 'Linear', [5, 4], 20],
    ['unused', 'Linear', undefined, 4],
  ]);
  expect(result).toMatchObject({ parameters: 72, trainable: 72, bytes: 288, activationBytes: 3 * 5 * 4 * 4 });
});

test('a single layer is its own row', () => {
  using layer = new Linear({ in: 3, out: 2, key: key(0) });
  expect(summary(layer, { input: [3] }).rows).toEqual([
    { path: '', type: 'Linear', output: [2], parameters: 8, bytes: 32, activationBytes: 8 },
  ]);
});

test('a model that fails is left as it was', () => {
  using layer = new Linear({ in: 3, out: 2, key: key(0) });
  const before = memory().numTensors;
  expect(() => summary(layer, { input: [4] })).toThrow(/4 features/);
  expect(() => summary(layer, { input: [0] })).toThrow(/positive integers/);
  expect(Object.keys(layer)).not.toContain('forward');
  expect(memory().numTensors).toBe(before);
});
