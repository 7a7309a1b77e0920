import {
  add,
  concat,
  customGrad,
  engine,
  exp,
  log,
  matMul,
  memory,
  mul,
  relu,
  sin,
  split,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tanh,
  tensor,
  transpose,
  unstack,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { defineOp } from '../ops/define-op';
import { init } from './init';
import { gradients, inspect } from './tape';

beforeAll(async () => {
  await init();
});

/** A random computation: each operation takes earlier results. */
const operations: ((a: Tensor, b: Tensor) => Tensor)[] = [
  add,
  mul,
  sub,
  (a) => tanh(a),
  (a) => sin(a),
  (a) => relu(a),
  (a, b) => matMul(a as Tensor2D, b as Tensor2D),
  (a) => transpose(a),
  (a, b) => concat([split(a, 2)[0]!, split(b, 2)[1]!]), // an output of split that nothing depends on
  (a) => sum(a, 0, true),
  (a) => unstack(a)[0]!,
  (a) => mul(a, a),
];

test('gradients are those of the engine, for any computation', () => {
  const step = fc.tuple(fc.nat(operations.length - 1), fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(1000), (steps, seed) => {
      const start = memory().numTensors;
      const xs = [0, 1, 2].map((i) =>
        tensor(
          Float32Array.from({ length: 16 }, (_, j) => Math.sin(seed + 7 * i + j)),
          [4, 4],
        ),
      );
      const f = () => {
        const known: Tensor[] = [xs[0]!, xs[1]!]; // nothing depends on the third
        for (const [op, a, b] of steps) {
          const full = (x: Tensor) => (x.shape.join() === '4,4' ? x : add(x, xs[0]!));
          known.push(full(operations[op]!(known[a % known.length]!, known[b % known.length]!)));
        }
        return sum(known.at(-1)!);
      };
      const expected = engine().gradients(f, xs, undefined, true);
      const actual = gradients(f, xs);
      expect(actual.value.dataSync()).toEqual(expected.value.dataSync());
      for (const [i, grad] of actual.grads.entries()) expect(grad?.dataSync()).toEqual(expected.grads[i]?.dataSync());
      expect(actual.grads[2]).toBeUndefined();
      for (const t of [...xs, expected.value, actual.value, ...expected.grads, ...actual.grads]) t?.dispose();
      expect(memory().numTensors).toBe(start);
    }),
    { numRuns: 60 },
  );
});

test('a rule may hand out the upstream gradient, what was saved, or one tensor twice', () => {
  const x = tensor([1, 2]);
  const w = tensor([3, 4]);
  const { numTensors } = memory();
  const through = customGrad((a) => ({ value: (a as Tensor).clone(), gradFunc: (dy) => dy }));
  const product = defineOp({
    name: 'testProduct',
    forward: ({ a, b }: { a: Tensor; b: Tensor }) => add(a, b),
    backward: ({ dy }) => ({ a: dy, b: dy }),
  });
  const saved = customGrad((a, save) => {
    (save as (ts: Tensor[]) => void)([a as Tensor]);
    return { value: sum(a as Tensor), gradFunc: (_, tensors) => tensors[0]! };
  });
  const { value, grads } = gradients(() => saved(product({ a: through(x), b: through(w) })), [x, w]);
  expect(grads.map((grad) => [...grad!.dataSync()])).toEqual([
    [4, 6],
    [4, 6],
  ]);
  for (const t of [value, ...grads]) t!.dispose();
  expect(memory().numTensors).toBe(numTensors);
  expect([x.isDisposed, w.isDisposed]).toEqual([false, false]);
});

test('the value may be one of the variables', () => {
  const x = tensor(2);
  const { value, grads } = gradients(() => x, [x]);
  expect(value).toBe(x);
  expect(grads[0]!.dataSync()).toEqual(Float32Array.of(1));
});

test('a rule may take gradients itself, and nothing is left behind', () => {
  const x = tensor([1, 2]);
  const { numTensors } = memory();
  const cube = defineOp({
    name: 'testCube',
    forward: ({ x }: { x: Tensor }) => mul(x, mul(x, x)),
    backward: ({ x, dy }) => {
      const inner = gradients(() => sum(mul(x, mul(x, x))), [x]);
      return { x: mul(dy, inner.grads[0]!) };
    },
  });
  const { value, grads } = gradients(() => {
    mul(tanh(x), tanh(sin(tensor([1, 2])))); // nothing depends on it: what it saved has to be freed all the same
    return sum(cube({ x }));
  }, [x]);
  expect([...grads[0]!.dataSync()]).toEqual([3, 12]);
  for (const t of [value, ...grads]) t!.dispose();
  expect(memory().numTensors).toBe(numTensors);
  x.dispose();
});

test('an output that nothing depends on has the gradient 0', () => {
  const x = tensor([1, 2]);
  const both = defineOp({
    name: 'testBoth',
    forward: ({ x }: { x: Tensor }): { one: Tensor; other: Tensor } => ({ one: mul(x, 2), other: mul(x, 3) }),
    backward: ({ dy }) => ({ x: add(mul(dy.one, 2), mul(dy.other, 3)) }),
  });
  for (const take of [gradients, (f: () => Tensor, xs: Tensor[]) => engine().gradients(f, xs)]) {
    const { numTensors } = memory();
    const { value, grads } = take(() => sum(both({ x }).other), [x]);
    expect([...grads[0]!.dataSync()]).toEqual([3, 3]);
    for (const t of [value, ...grads]) t!.dispose();
    expect(memory().numTensors).toBe(numTensors);
  }
  x.dispose();
});

test('inside another gradient it is differentiated itself', () => {
  const x = tensor([2, 3]);
  // d/dx of (dx^3/dx)^2 = d/dx 9 x^4 = 36 x^3
  const { grads } = gradients(() => {
    const inner = gradients(() => sum(mul(x, mul(x, x))), [x]);
    return sum(mul(inner.grads[0]!, inner.grads[0]!));
  }, [x]);
  const [a, b] = grads[0]!.dataSync();
  expect(a).toBeCloseTo(36 * 8, 2);
  expect(b).toBeCloseTo(36 * 27, 2);
});

test('what was saved is freed where forward or backward fails', () => {
  const x = tensor([1, 2]);
  const { numTensors } = memory();
  const fails = () => {
    throw new Error('on purpose');
  };
  expect(() => gradients(() => sum(mul(exp(x), fails())), [x])).toThrow('on purpose');
  const bad = customGrad((a) => ({ value: sum(a as Tensor), gradFunc: fails }));
  expect(() => gradients(() => bad(exp(mul(x, x))), [x])).toThrow('on purpose');
  const misshapen = customGrad((a) => ({ value: sum(a as Tensor), gradFunc: (dy) => dy }));
  expect(() => gradients(() => misshapen(exp(x)), [x])).toThrow(
    /gradient of .* for its input '0' is float32 \[\], the input is \[2\]/,
  );
  expect(memory().numTensors).toBe(numTensors);
});

test('the memory in use falls while the backward pass goes on', () => {
  const x = tensor(new Float32Array(1000));
  const peaks: number[] = [];
  const spy = defineOp({
    name: 'testSpy',
    saves: [],
    forward: ({ a }: { a: Tensor }) => mul(a, 1),
    backward: ({ dy }) => {
      peaks.push(memory().numBytes);
      return { a: () => mul(dy, 1) };
    },
  });
  const { value, grads } = gradients(() => {
    let y: Tensor = x;
    for (let i = 0; i < 10; i++) y = spy({ a: exp(y) });
    return sum(y);
  }, [x]);
  for (const t of [value, ...grads]) t!.dispose();
  expect(peaks).toHaveLength(10);
  for (let i = 1; i < peaks.length; i++) expect(peaks[i]!).toBeLessThan(peaks[i - 1]!);
});

test('inspect shows operations with their names, while their outputs are there', () => {
  const x = tensor([-1]);
  const { numTensors } = memory();
  const ours = defineOp({
    name: 'testOurs',
    forward: ({ a }: { a: Tensor }) => log(a),
    backward: ({ dy }) => ({ a: dy }),
  });
  const names: string[] = [];
  inspect((recorded) => {
    ours({ a: mul(x, 2) });
    names.push(...recorded().map(({ kernelName }) => kernelName));
    expect(
      recorded()
        .find(({ kernelName }) => kernelName === 'testOurs')!
        .outputs[0]!.dataSync()[0],
    ).toBeNaN();
  });
  expect(names).toEqual(expect.arrayContaining(['Multiply', 'testOurs']));
  expect(memory().numTensors).toBe(numTensors);
});
