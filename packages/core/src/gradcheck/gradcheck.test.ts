import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  div,
  exp,
  gather,
  log,
  matMul,
  memory,
  mul,
  neg,
  randomNormal,
  relu,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, ShapeError } from '../errors';
import { defineOp } from '../ops/define-op';
import { key } from '../random';
import { checkGradients, gradientDescent, numericalGradient } from './index';

const random = (shape: number[], seed = 1): Tensor => tensor(key(seed).normal(shape), shape);

/** tanh with a derivative that is wrong in the way given. */
const wrongTanh = (change: (right: Tensor) => Tensor) => {
  const op = defineOp({
    name: 'wrongTanh',
    forward: ({ x }: { x: Tensor }) => tanh(x),
    backward: ({ y, dy }) => ({ x: change(mul(dy, sub(1, square(y)))) }),
  });
  return (x: Tensor) => op({ x });
};

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  test('right gradients agree, and nothing is left behind', () => {
    const inputs = { x: random([4, 3]), w: random([3, 5], 2), b: random([5], 3) };
    const before = memory().numTensors;
    const report = checkGradients(({ x, w, b }) => softmax(add(matMul(x, w), b)), inputs);
    expect(memory().numTensors).toBe(before);
    expect(report.ok, report.toString()).toBe(true);
    expect(report.checked).toBe(12 + 15 + 5);
    expect(report.toString()).toMatch(/^input +shape +checked +worst element/);
  });

  test.each([
    ['a wrong sign', neg],
    ['a factor of 1.01', (right: Tensor) => mul(right, 1.01)],
    ['a factor of 0.99', (right: Tensor) => mul(right, 0.99)],
    ['a lost factor', () => tensor(new Float32Array(12).fill(0.7), [3, 4])],
    ['zero', (right: Tensor) => mul(right, 0)],
    ['NaN', (right: Tensor) => mul(right, Number.NaN)],
    ['Infinity', (right: Tensor) => mul(right, Infinity)],
    ['one wrong element', (right: Tensor) => mul(right, tensor([1, 1, 1, 1, 1, 1, 1, 1.02, 1, 1, 1, 1], [3, 4]))],
  ])('%s is found', (_, change) => {
    const x = random([3, 4]);
    const report = checkGradients(wrongTanh(change), x);
    expect(report.ok).toBe(false);
    expect(
      checkGradients(
        wrongTanh((right) => add(right, 0)),
        x,
      ).ok,
    ).toBe(true);
  });

  test('a wrong factor behind a sum of many terms is found', () => {
    const wrong = wrongTanh((right) => mul(right, 1.01));
    const [x, w] = [random([64, 32]), mul(random([32, 1], 2), 0.1)];
    expect(checkGradients((w) => sum(wrong(matMul(x, w))), w).ok).toBe(false);
    expect(checkGradients((w) => sum(tanh(matMul(x, w))), w).ok).toBe(true);
  });
});

describe('checkGradients', () => {
  beforeEach(async () => {
    await init();
  });

  test('names the worst element with both values', () => {
    const right = tensor([1, 1, 1, 1, 1, -1], [2, 3]);
    const report = checkGradients(
      wrongTanh((gradient) => mul(gradient, right)),
      tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2, 3]),
    );
    const { input, index, analytic, numerical, error } = report.worst!;
    expect([input, index]).toEqual(['x', [1, 2]]);
    expect(analytic).toBeCloseTo(-numerical, 3);
    expect(error).toBeCloseTo(2, 1);
    expect(report.toString()).toContain('DISAGREE at x[1, 2]: analytic ');
  });

  test('kinks, steep and small values do not mislead it', () => {
    expect(checkGradients(relu, tensor([-1, 0.004, -0.004, 1])).ok).toBe(true);
    expect(checkGradients(log, tensor([0.006, 0.1, 1000])).ok).toBe(true);
    expect(checkGradients((x) => exp(mul(x, 8)), tensor([-1, 0, 1])).ok).toBe(true);
    expect(checkGradients((x) => mul(x, 1e-6), random([3])).ok).toBe(true);
    expect(checkGradients((x) => mul(x, 1e6), random([3])).ok).toBe(true);
    expect(checkGradients((x) => mul(x, 0), random([3])).ok).toBe(true);
  });

  test('lists of inputs, several outputs, and integers that are passed on', () => {
    const report = checkGradients(
      (table, at, scale) => [mul(gather(table, at), scale), square(scale)],
      [random([4, 2]), tensor([1, 3, 1], [3], 'int32'), random([2], 5)],
    );
    expect(report.ok, report.toString()).toBe(true);
    expect(report.inputs.map(({ name }) => name)).toEqual(['0', '2']);
  });

  test('checks as many elements as told', () => {
    expect(checkGradients(square, random([10, 10]), { maxElements: 7 }).checked).toBe(7);
    expect(checkGradients(square, random([3]), { maxElements: 7 }).checked).toBe(3);
  });

  test('a function that is random is refused', () => {
    expect(() => checkGradients((x) => mul(x, randomNormal(x.shape)), random([3]))).toThrow(ConfigError);
    expect(() => checkGradients((x) => x, tensor([1], [1], 'int32'))).toThrow(/no float32/);
  });
});

describe('numericalGradient', () => {
  test('of numbers is good to ten digits', () => {
    const gradient = numericalGradient(([x, y]) => x! ** 3 * y! + Math.sin(y!), [2, 1]);
    expect(gradient[0]).toBeCloseTo(12, 9);
    expect(gradient[1]).toBeCloseTo(8 + Math.cos(1), 9);
  });

  test('of a Float32Array and of a tensor is good to four', async () => {
    await init();
    const x = Float32Array.of(0.5, -3, 200);
    const found = numericalGradient((v) => v.reduce((total, value) => total + value ** 2 / 2, 0), x);
    for (const [i, value] of x.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(2e-3 * Math.abs(value));

    const point = tensor([0.5, -3, 2, 1], [2, 2]);
    const before = memory().numTensors;
    const gradient = numericalGradient((v) => sum(div(square(v), 2)), point);
    expect(memory().numTensors).toBe(before + 1);
    expect(gradient.shape).toEqual([2, 2]);
    for (const [i, value] of point.dataSync().entries()) {
      expect(Math.abs(gradient.dataSync()[i]! - value)).toBeLessThan(1e-3);
    }
    expect(() => numericalGradient(square, point)).toThrow(ShapeError);
  });

  test('leaves the point alone', () => {
    const x = [1, 2];
    numericalGradient((v) => {
      v[0] = 100;
      return v[1]!;
    }, x);
    expect(x).toEqual([1, 2]);
  });
});

describe('gradientDescent', () => {
  const bowl = ([x, y]: number[]) => x! ** 2 + 10 * y! ** 2;

  test('reaches the bottom, with and without a gradient given', () => {
    for (const gradient of [undefined, ([x, y]: number[]) => [2 * x!, 20 * y!]]) {
      const { path, diverged } = gradientDescent(bowl, [3, 1], { lr: 0.05, steps: 100, ...(gradient && { gradient }) });
      expect(diverged).toBe(false);
      expect(path).toHaveLength(101);
      expect(path[0]).toEqual({ x: [3, 1], value: 19 });
      expect(path.at(-1)!.value).toBeLessThan(1e-7);
    }
  });

  test('momentum reaches it sooner', () => {
    const end = (momentum: number) =>
      gradientDescent(bowl, [3, 1], { lr: 0.01, steps: 60, momentum }).path.at(-1)!.value;
    expect(end(0.7)).toBeLessThan(end(0) / 100);
  });

  test('says when it diverges, and stops', () => {
    const { path, diverged } = gradientDescent(bowl, [3, 1], { lr: 0.2, steps: 1000 });
    expect(diverged).toBe(true);
    expect(path.length).toBeLessThan(20);
    expect(gradientDescent(bowl, [3, 1], { lr: 0.1001, steps: 30 }).diverged).toBe(false); // one axis still falls
    expect(gradientDescent(([x]) => -(x! ** 4), [1], { lr: 1, steps: 100 }).diverged).toBe(true);
    expect(gradientDescent(([x]) => Math.log(x!), [0.1], { lr: 1, steps: 100 }).diverged).toBe(true);
  });

  test('refuses a gradient that does not fit', () => {
    expect(() => gradientDescent(bowl, [3, 1], { lr: 0.1, steps: 1, gradient: () => [1] })).toThrow(ConfigError);
    expect(() => gradientDescent(bowl, [3, 1], { lr: 0.1, steps: 0.5 })).toThrow(/steps is 0.5/);
  });
});
