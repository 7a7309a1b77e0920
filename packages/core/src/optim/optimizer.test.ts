import '@tensorflow/tfjs-backend-cpu';
import { matMul, memory, reshape, type Tensor, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DisposedError, DtypeError, NumericsError, ShapeError } from '../errors';
import { Param } from '../nn/param';
import { withComposedOps } from '../ops/define-op';
import { key } from '../random';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  lion,
  nadam,
  type Optimizer,
  radam,
  reduceOnPlateau,
  rmsprop,
  sgd,
} from './index';

const lr = 0.01;
const optimizers: [string, () => Optimizer][] = [
  ['sgd', () => sgd({ lr })],
  ['sgd, momentum', () => sgd({ lr, momentum: 0.9, dampening: 0.2, weightDecay: 0.1 })],
  ['sgd, nesterov, clipNorm', () => sgd({ lr, momentum: 0.9, nesterov: true, clipNorm: 0.5 })],
  ['adagrad', () => adagrad({ lr, lrDecay: 0.1, weightDecay: 0.1, initialAccumulatorValue: 0.1 })],
  ['rmsprop', () => rmsprop({ lr, weightDecay: 0.1 })],
  ['rmsprop, centered', () => rmsprop({ lr, centered: true })],
  ['rmsprop, centered, momentum', () => rmsprop({ lr, centered: true, momentum: 0.9, clipValue: 0.3 })],
  ['adam', () => adam({ lr, weightDecay: 0.1, clipNorm: 1 })],
  ['adam, amsgrad', () => adam({ lr, amsgrad: true })],
  ['adamw', () => adamw({ lr, weightDecay: 0.1 })],
  ['nadam', () => nadam({ lr, weightDecay: 0.1 })],
  ['radam', () => radam({ lr, betas: [0.9, 0.99] })],
  ['adadelta', () => adadelta({ lr: 1, weightDecay: 0.1 })],
  ['adamax', () => adamax({ lr, weightDecay: 0.1 })],
  ['lion', () => lion({ lr, weightDecay: 0.1 })],
];

const plain = <T>(f: () => T): T => f();
const random = (shape: readonly number[], seed: number) => tensor(key(seed).normal(shape), shape as number[]);
const shapes: Record<string, number[]> = { scalar: [], empty: [0, 3], odd: [7], square: [4, 4], tail: [3, 3, 3] };

let model: Map<string, Param>;
const build = () =>
  new Map(Object.entries(shapes).map(([name, shape], i) => [name, new Param(random(shape, 100 + i))]));
const gradients = (step: number) =>
  new Map(Object.entries(shapes).map(([name, shape], i) => [name, random(shape, step * 10 + i)]));
const valuesOf = (params: ReadonlyMap<string, Param>) => [...params].map(([, { value }]) => [...value.dataSync()]);
const dispose = (items: Map<string, { dispose(): void }>) => {
  for (const item of items.values()) item.dispose();
};

beforeEach(async () => {
  await init();
  model = build();
});
afterEach(() => dispose(model));

function train(optimizer: Optimizer, params: Map<string, Param>, from: number, to: number): void {
  for (let k = from; k < to; k++) {
    const grads = gradients(k);
    optimizer.step(params, grads);
    dispose(grads);
  }
}

describe.each(optimizers)('%s', (_, make) => {
  test('the kernel and the composed form agree, for every size', () => {
    const [kernel, composed] = [make(), make()];
    const other = build();
    for (let k = 0; k < 8; k++) {
      train(kernel, model, k, k + 1);
      withComposedOps(() => train(composed, other, k, k + 1));
    }
    const [a, b] = [valuesOf(model), valuesOf(other)];
    for (const [i, values] of a.entries()) {
      for (const [j, value] of values.entries()) expect(Math.abs(value - b[i]![j]!)).toBeLessThan(2e-6);
    }
    const states = composed.state();
    expect([...kernel.state().keys()]).toEqual([...states.keys()]);
    for (const [name, tensor] of kernel.state()) {
      for (const [j, value] of tensor.dataSync().entries()) {
        const expected = states.get(name)!.dataSync()[j]!;
        expect(Math.abs(value - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
      }
    }
    dispose(other);
    kernel.dispose();
    composed.dispose();
  });

  test.each([
    ['kernel', plain],
    ['composed', withComposedOps],
  ])('resumes bit for bit, %s', (_, form) => {
    form(() => {
      const whole = make();
      train(whole, model, 0, 9);

      const first = make();
      const again = build();
      train(first, again, 0, 5);
      const saved = new Map([...first.state()].map(([name, t]) => [name, tensor(t.dataSync().slice(), t.shape)]));
      const scalars = JSON.parse(JSON.stringify(first.scalars())) as Record<string, number>;
      first.dispose();
      const second = make();
      second.restore(saved, scalars);
      train(second, again, 5, 9);
      expect(second.steps).toBe(9);
      expect(valuesOf(again)).toEqual(valuesOf(model));

      dispose(saved);
      dispose(again);
      second.dispose();
      whole.dispose();
    });
  });

  test.each([
    ['kernel', plain],
    ['composed', withComposedOps],
  ])('shows what is not finite, %s', (_, form) => {
    for (const bad of [Number.NaN, Infinity]) {
      using optimizer = make();
      const params = new Map([['w', new Param(tensor([1, 1, 1, 1, 1, 1, 1]))]]);
      const grads = new Map([['w', tensor([1, bad, 1, 1, 1, bad, 1])]]);
      form(() => {
        for (let k = 0; k < 2; k++) optimizer.step(params, grads);
      });
      const values = [...params.get('w')!.value.dataSync()];
      const clipped = optimizer.name === 'rmsprop' && bad === Infinity; // with clipValue, as in PyTorch, it is the limit
      if (!clipped)
        expect(
          values.some((value) => !Number.isFinite(value)),
          `${values.join()}`,
        ).toBe(true);
      dispose(params);
      dispose(grads);
    }
  });

  test('keeps nothing but its state', () => {
    const before = memory().numTensors;
    const optimizer = make();
    const perParam = optimizer.state().size;
    expect(perParam).toBe(0);
    tidy(() => train(optimizer, model, 0, 3)); // the state outlives the scope of the step
    const count = optimizer.state().size;
    expect(memory().numTensors).toBe(before + count);
    withComposedOps(() => train(optimizer, model, 3, 5));
    expect(memory().numTensors).toBe(before + count);
    optimizer.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

describe('step', () => {
  test('leaves clones and reshapes of a parameter as they were', () => {
    const { value } = model.get('square')!;
    const shared = [value.clone(), reshape(value, [16])];
    const values = [...value.dataSync()];
    const optimizer = adam();
    train(optimizer, model, 0, 1);
    expect([...model.get('square')!.value.dataSync()]).not.toEqual(values);
    for (const tensor of shared) expect([...tensor.dataSync()]).toEqual(values);
    const state = optimizer.state().get('adam.exp_avg/square')!;
    const kept = [state.clone(), [...state.dataSync()]] as const;
    train(optimizer, model, 1, 2);
    expect([...kept[0].dataSync()]).toEqual(kept[1]);
    for (const tensor of [...shared, kept[0]]) tensor.dispose();
    optimizer.dispose();
  });

  test('a matrix product after it sees the new weights', () => {
    const x = tensor([1, 0, 0, 0], [1, 4]);
    const weight = model.get('square')!;
    using optimizer = sgd({ lr: 1 });
    for (let k = 0; k < 3; k++) {
      const y = matMul(x, weight.value);
      expect([...y.dataSync()]).toEqual([...weight.value.dataSync()].slice(0, 4));
      y.dispose();
      train(optimizer, model, k, k + 1);
    }
    x.dispose();
  });

  test('changes only trainable parameters that have a gradient, each with its own count of steps', () => {
    const twin = build();
    const [late, whole] = [adam(), adam()];
    const some = (name: string, k: number) => new Map([[name, gradients(k).get(name)!]]);
    const frozen = valuesOf(model)[3]!;
    model.get('square')!.trainable = false;
    late.step(model, some('odd', 0));
    late.step(model, new Map([...some('odd', 1), ...some('tail', 1), ...some('square', 1)]));
    late.step(model, new Map([...some('odd', 2), ...some('tail', 2)]));
    expect(valuesOf(model)[3]).toEqual(frozen);
    whole.step(twin, some('tail', 1));
    whole.step(twin, some('tail', 2));
    expect([...model.get('tail')!.value.dataSync()]).toEqual([...twin.get('tail')!.value.dataSync()]);
    expect(late.scalars()).toEqual({ steps: 3, 'steps/tail': 2 });

    const restored = adam();
    restored.restore(late.state(), late.scalars());
    expect(restored.scalars()).toEqual(late.scalars());
    for (const optimizer of [late, whole, restored]) optimizer.dispose();
    dispose(twin);
  });

  test('follows a schedule, and tells it of results', () => {
    using decaying = sgd({ lr: (step) => 1 / (step + 1) });
    const param = new Map([['w', new Param(tensor([0]))]]);
    const grad = new Map([['w', tensor([-1])]]);
    const seen = [1, 2, 3].map(() => {
      decaying.step(param, grad);
      return param.get('w')!.value.dataSync()[0]!;
    });
    for (const [i, value] of [1, 1.5, 1.5 + 1 / 3].entries()) expect(seen[i]).toBeCloseTo(value, 6);
    expect(decaying.lr).toBe(1 / 4);

    const make = () => sgd({ lr: reduceOnPlateau({ lr: 1, patience: 0, factor: 0.5 }) });
    const [plateau, resumed] = [make(), make()];
    plateau.observe(1);
    plateau.observe(1);
    expect(plateau.lr).toBe(0.5);
    resumed.restore(plateau.state(), plateau.scalars());
    expect(resumed.lr).toBe(0.5);
    resumed.observe(1);
    expect(resumed.lr).toBe(0.25);
    dispose(param);
    dispose(grad);
  });

  test('refuses what does not fit, and changes nothing', () => {
    const before = valuesOf(model);
    using optimizer = adam();
    const wrong = (name: string, grad: Tensor) => () =>
      optimizer.step(
        model,
        new Map([
          ['odd', zeros([7])],
          [name, grad],
        ]),
      );
    expect(wrong('od', zeros([7]))).toThrow(/gradient for 'od', which is not a parameter/);
    expect(wrong('square', zeros([16]))).toThrow(ShapeError);
    expect(wrong('square', zeros([4, 4], 'int32'))).toThrow(DtypeError);
    expect(() => sgd({ lr: () => Number.NaN }).step(model, gradients(0))).toThrow(NumericsError);
    expect(optimizer.steps).toBe(0);
    expect(optimizer.state().size).toBe(0);
    expect(valuesOf(model)).toEqual(before);
    const gone = adam();
    gone.dispose();
    expect(() => gone.step(model, gradients(0))).toThrow(DisposedError);
  });
});

test('restore refuses the state of another optimizer, and keeps its own', () => {
  using own = adam();
  train(own, model, 0, 2);
  const scalars = own.scalars();
  using other = adagrad();
  train(other, model, 0, 1);
  expect(() => own.restore(other.state(), other.scalars())).toThrow(/adagrad.sum\/scalar.*another optimizer/);
  expect(() => own.restore(own.state(), {})).toThrow(/no number of steps/);
  const part = own.state();
  part.delete('adam.exp_avg_sq/odd');
  expect(() => own.restore(part, scalars)).toThrow(/lacks adam.exp_avg_sq\/odd/);
  expect(own.scalars()).toEqual(scalars);
  train(own, model, 2, 3);
});

test.each([
  ['a negative rate', () => adam({ lr: -1 }), /adam: lr is -1/],
  ['a rate that is not a number', () => sgd({ lr: Number.NaN }), /sgd: lr is NaN/],
  ['beta of 1', () => adam({ betas: [0.9, 1] }), /betas\[1\] is 1/],
  ['both ways of clipping', () => sgd({ clipNorm: 1, clipValue: 1 }), /choose one/],
  ['a norm of 0', () => sgd({ clipNorm: 0 }), /clipNorm is 0/],
  ['Nesterov without momentum', () => sgd({ nesterov: true }), /momentum above 0/],
  ['negative weight decay', () => adamw({ weightDecay: -0.1 }), /adamw: weightDecay is -0.1/],
])('%s is refused', (_, wrong, message) => {
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(message);
});

test('lion moves every weight by the rate', () => {
  using optimizer = lion({ lr: 0.5 });
  const param = new Map([['w', new Param(zeros([6]))]]);
  const grad = new Map([['w', tensor([3, -1e-30, 0, -0, 1e30, 2])]]);
  for (const [k, form] of [plain, withComposedOps].entries()) {
    form(() => optimizer.step(param, grad));
    expect([...param.get('w')!.value.dataSync()].map((x) => x / (k + 1) + 0)).toEqual([-0.5, 0.5, 0, 0, -0.5, -0.5]);
  }
  dispose(param);
  dispose(grad);
});

test('nadam looks ahead with the product of the momenta so far', () => {
  // One weight, one step: m = (1 - beta1) g, v = (1 - beta2) g^2, so that the root is |g|.
  const mu = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3));
  const share = (legacy: number) => (1 - mu(1)) / (1 - mu(1)) + (mu(2) * 0.1) / (1 - mu(1) * mu(2) * legacy);
  for (const [legacyProduct, expected] of [
    [false, share(1)],
    [true, share(mu(1))],
  ] as const) {
    const param = new Map([['w', new Param(zeros([1]))]]);
    nadam({ lr: 1, legacyProduct }).step(param, new Map([['w', tensor([2])]]));
    expect(param.get('w')!.value.dataSync()[0]).toBeCloseTo(-expected, 5);
  }
});

test('a tensor of any size is written to its end and not beyond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 }), (n, neighbours) => {
      const around = Array.from({ length: neighbours }, () => tensor([7, 7]));
      const param = new Map([['w', new Param(zeros([n]))]]);
      const after = tensor([9, 9, 9]);
      const grad = new Map([['w', tensor(new Float32Array(n).fill(1))]]);
      sgd({ lr: 1 }).step(param, grad);
      expect([...param.get('w')!.value.dataSync()]).toEqual(new Array(n).fill(-1));
      expect([...after.dataSync()]).toEqual([9, 9, 9]);
      for (const tensor of around) expect([...tensor.dataSync()]).toEqual([7, 7]);
      for (const item of [...around, after, param.get('w')!, grad.get('w')!]) item.dispose();
    }),
    { numRuns: 100 },
  );
});
