import { expectNoLeaks } from '@dl/testing';
import { add, memory, mul, ones, type Tensor, tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DisposedError } from '../errors';
import { key } from '../random';
import { functional } from './functional';
import { Identity } from './identity';
import { Linear } from './linear';
import { Module, type Shape } from './module';
import { Buffer, Param } from './param';

beforeAll(async () => {
  await init();
});

class Scale extends Module {
  readonly gain: Param;
  readonly seen = new Buffer(zeros([1]));

  constructor(gain: number) {
    super();
    this.gain = new Param(tensor([gain]));
  }

  forward(x: Tensor): Tensor {
    return mul(x, this.gain.value);
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

class Model extends Module {
  readonly first = new Scale(2);
  readonly rest = [new Scale(3), new Scale(5)];
  readonly named = { a: new Scale(7), b: this.rest[0]! }; // b shares the weights of rest.0

  forward(x: Tensor): Tensor {
    return [this.first, ...this.rest, this.named.a, this.named.b].reduce((y, scale) => scale.forward(y), x);
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

describe('names', () => {
  test('are paths of fields; shared modules come once, under their first name', () => {
    using model = new Model();
    expect([...model.parameters().keys()]).toEqual(['first.gain', 'rest.0.gain', 'rest.1.gain', 'named.a.gain']);
    expect([...model.buffers().keys()]).toEqual(['first.seen', 'rest.0.seen', 'rest.1.seen', 'named.a.seen']);
    expect([...model.modules().keys()]).toEqual(['', 'first', 'rest.0', 'rest.1', 'named.a']);
    expect(model.named.b.where).toBe('Scale at rest.0');
    expect(model.where).toBe('Model');
  });

  test('of a part are its own, while it keeps its place in the whole', () => {
    using model = new Model();
    model.modules();
    expect([...model.named.a.parameters().keys()]).toEqual(['gain']);
    expect(model.named.a.gain.name).toBe('named.a.gain');
    expect(model.named.a.where).toBe('Scale at named.a');
  });
});

describe('predict', () => {
  test('frees all but what it returns', () => {
    using model = new Model();
    const x = ones([2]);
    const before = memory().numTensors;
    const y = model.predict(x);
    expect([...y.dataSync()]).toEqual([630, 630]);
    expect(memory().numTensors).toBe(before + 1);
    y.dispose();
    x.dispose();
  });

  test('does not hand out the tensor it was given', () => {
    const x = ones([2]);
    using y = new Identity().predict(x);
    x.dispose();
    expect([...y.dataSync()]).toEqual([1, 1]);
  });
});

describe('state', () => {
  test('moves to another model, and is refused where it does not fit', () => {
    using model = new Model();
    using other = new Model();
    for (const param of model.parameters().values()) param.assign(new Float32Array([4]));
    expect(other.loadStateDict(model.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect([...other.parameters().values()].map((param) => param.value.dataSync()[0])).toEqual([4, 4, 4, 4]);

    const before = memory().numTensors;
    const wrong = new Map([...model.stateDict()].map(([name, value]) => [name.replace('first', 'last'), value]));
    wrong.set('rest.0.gain', ones([2]));
    expect(() => other.loadStateDict(wrong)).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: Model: the state does not fit the model
        missing:
          first.gain
          first.seen
        unexpected:
          last.gain
          last.seen
        misshapen:
          rest.0.gain: float32 [2] for float32 [1]]
    `);
    wrong.get('rest.0.gain')!.dispose();
    wrong.delete('rest.0.gain');
    expect(other.loadStateDict(wrong, { strict: false })).toEqual({
      missing: ['first.gain', 'first.seen', 'rest.0.gain'],
      unexpected: ['last.gain', 'last.seen'],
    });
    expect(memory().numTensors).toBe(before);
  });

  test('is gone after dispose', () => {
    expectNoLeaks(() => {
      const layer = new Linear({ in: 2, out: 2, key: key(0) });
      layer.modules();
      layer.dispose();
      expect(() => layer.weight.value).toThrow(DisposedError);
      expect(() => layer.weight.value).toThrow(/^weight was used after dispose/);
    });
  });
});

describe('functional', () => {
  test('runs the model on other values, and leaves it as it was', () => {
    using model = new Model();
    const { params, apply } = functional(model);
    expectNoLeaks(() => {
      const x = ones([1]);
      const ten = tensor([10]);
      const y = tidy(() => apply(new Map([['first.gain', ten]]), x));
      expect(y.dataSync()[0]).toBe(3150);
      const failing = () => tidy(() => apply(new Map([['first.gain', ten]]), 'no tensor' as never));
      expect(failing).toThrow();
      for (const tensor of [x, ten, y]) tensor.dispose();
    });
    expect(params.get('first.gain')).toBe(model.first.gain.value);
    expect(model.first.gain.value.dataSync()[0]).toBe(2);
    expect(() => apply(new Map([['gain', ones([1])]]), ones([1]))).toThrow(ConfigError);
  });
});

class Tied extends Module {
  readonly a = new Linear({ in: 3, out: 3, bias: false, key: key(0) });
  readonly b = new Scale(1);
  readonly weight = this.a.weight; // the same parameter in two places

  forward(x: Tensor): Tensor {
    return add(this.a.forward(x), this.b.forward(x));
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

test('shared parameters are counted, saved and freed once', () => {
  expectNoLeaks(() => {
    const model = new Tied();
    expect([...model.stateDict().keys()]).toEqual(['a.weight', 'b.gain', 'b.seen']);
    model.dispose();
  });
});
