import { ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import { ReLU } from './activations';
import { intercept } from './intercept';
import { linear } from './linear';
import { sequential } from './sequential';

beforeAll(() => init());

test('sees every module with its input and output, and may give another output', () => {
  using model = sequential({ input: [4], key: key(0) }, [linear({ out: 3 })]);
  const paths: string[] = [];
  tidy(() => {
    const x = ones([2, 4]);
    const plain = model.forward(x).dataSync();
    const watched = intercept(
      model,
      ({ path, input, forward }) => {
        paths.push(path);
        expect(input).toBe(x);
        return forward();
      },
      () => model.forward(x).dataSync(),
    );
    expect(watched).toEqual(plain);
    const other = ones([2, 3]);
    const changed = intercept(
      model,
      ({ path, forward }) => (path === '0' ? other : forward()),
      () => model.forward(x),
    );
    expect(changed).toBe(other);
    expect(model.forward(x).dataSync()).toEqual(plain);
  });
  expect(paths).toEqual(['', '0']);
});

test('puts a forward of the object itself back, also after an error', () => {
  const layer = new ReLU();
  const own = (x: Tensor) => x;
  layer.forward = own;
  const failing = () => {
    throw new Error('no');
  };
  expect(() => intercept(layer, failing, () => layer.forward(ones([1])))).toThrow('no');
  expect(Object.getOwnPropertyDescriptor(layer, 'forward')?.value).toBe(own);
});
