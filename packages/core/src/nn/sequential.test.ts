import { expectNoLeaks } from '@dl/testing';
import { memory, ones, tensor, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, FormatError, ShapeError } from '../errors';
import { key } from '../random';
import { relu, tanh } from './activations';
import { dropout } from './dropout';
import { flatten } from './flatten';
import { Linear, linear } from './linear';
import { reshape } from './reshape';
import { residual } from './residual';
import { Sequential, sequential, sequentialFromJSON } from './sequential';

beforeAll(async () => {
  await init();
});

const specs = [
  flatten(),
  linear({ out: 6 }),
  relu(),
  residual({ body: [linear({ out: 6 }), tanh()] }),
  linear({ out: 2 }),
];

function caught(f: () => unknown): Error {
  try {
    f();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('a stack of specs', () => {
  test('works out its sizes, and names its children as PyTorch does', () => {
    using model = sequential({ input: [2, 2, 1], key: key(0) }, specs);
    expect([...model.parameters()].map(([name, param]) => [name, param.shape])).toEqual([
      ['1.weight', [6, 4]],
      ['1.bias', [6]],
      ['3.body.0.weight', [6, 6]],
      ['3.body.0.bias', [6]],
      ['4.weight', [2, 6]],
      ['4.bias', [2]],
    ]);
    expect(model.featureShapes()).toEqual([[4], [6], [6], [6], [2]]);
    expect(model.featureShapes([1, 4])).toEqual([[4], [6], [6], [6], [2]]);
    expect(model.outputShape([2, 2, 1])).toEqual([2]);
    const x = ones([3, 2, 2, 1]);
    using y = model.predict(x);
    expect(y.shape).toEqual([3, 2]);
    x.dispose();
  });

  test('draws different weights for every layer, the same for the same key', () => {
    const weights = (seed: number) => {
      using model = sequential({ input: [3], key: key(seed) }, [linear({ out: 3 }), linear({ out: 3 })]);
      return [...model.stateDict().values()].map((value) => [...value.dataSync()]);
    };
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
    expect(weights(1)[0]).not.toEqual(weights(1)[2]);
  });

  test('draws different masks for every dropout', () => {
    using model = sequential({ input: [64], key: key(0) }, [dropout(), dropout()]);
    const x = ones([64, 64]);
    const first = model.layers[0]!.forward(x, { train: true, key: key(1) });
    const both = model.forward(x, { train: true, key: key(1) });
    const kept = (y: typeof x) => y.dataSync().filter((value) => value !== 0).length / 64 ** 2;
    expect(kept(first)).toBeCloseTo(0.5, 1);
    expect(kept(both)).toBeCloseTo(0.25, 1);
  });
});

describe('errors', () => {
  test('name the position of the layer, and what the layer before gives', () => {
    using model = new Sequential([
      new Linear({ in: 4, out: 16, key: key(0) }),
      new Linear({ in: 32, out: 2, key: key(1) }),
    ]);
    const error = caught(() => model.predict(ones([5, 4])));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatchInlineSnapshot(`
      "Linear at 1: the input has 16 features, the weight expects 32
        input   [batch=5, features=16]
        weight  [out=2, in=32]
        hint    Linear at 0 gives [batch=5, features=16]: set in: 16, or give the layer 32 features"
    `);
    expect(caught(() => model.outputShape([4])).message).toMatchInlineSnapshot(`
      "Linear at 1: the input has 16 features, the weight expects 32
        input   [features=16]
        weight  [out=2, in=32]
        hint    Linear at 0 gives [features=16]: set in: 16, or give the layer 32 features"
    `);
  });

  test('name the path in a larger model, also when a part is walked by itself', () => {
    const inner = new Sequential([
      new Linear({ in: 4, out: 4, key: key(0) }),
      new Linear({ in: 3, out: 4, key: key(0) }),
    ]);
    using model = new Sequential([new Linear({ in: 4, out: 4, key: key(0) }), inner]);
    inner.parameters();
    expect(inner.layers[1]!.where).toBe('Linear at 1.1');
    expect(inner.parameters().has('1.weight')).toBe(true);
    expect((caught(() => model.forward(ones([1, 4]))) as ShapeError).where).toBe('Linear at 1.1');
  });

  test('while it is built leave nothing behind', () => {
    const build = (...layers: Parameters<typeof sequential>[1]) =>
      expectNoLeaks(() => caught(() => sequential({ input: [4], key: key(0) }, layers)).message);
    expect(build(linear({ out: 3 }), linear({ out: 0 }))).toMatchInlineSnapshot(
      `"Linear at 1: out must be a positive integer, it is 0"`,
    );
    expect(build(linear({ out: 3 }), reshape({ shape: [2, 2] }))).toMatchInlineSnapshot(`
      "Reshape at 1: an example of 3 elements cannot take the shape [2,2]
        input  [features=3]
        shape  [2, 2]
        hint   the product of the sizes must stay the same"
    `);
    expect(build(linear({ out: 3 }), residual({ body: [linear({ out: 5 })] }))).toMatchInlineSnapshot(`
      "Residual at 1: the two branches that are added differ in shape
        input  [features=3]
        body   [features=5]
        hint   let the body keep the shape, or give a shortcut that changes the input alike"
    `);
    expect(build(linear({ out: 3 }), residual({ body: [relu(), linear({ out: -1 })] }))).toMatch(
      /^Linear at 1\.body\.1: out must be a positive integer, it is -1/,
    );
    expect(build(linear({ out: 3 }), { layer: 'liner', config: {} })).toMatch(
      /^sequential at 1: the layer 'liner' is not known/,
    );
  });

  test('an input without sizes, or a spec for a layer', () => {
    expect(() => sequential({ input: [], key: key(0) }, [])).toThrow(ConfigError);
    expect(() => sequential({ input: [2.5], key: key(0) }, [])).toThrow(/input must be positive integers/);
    expect(() => new Sequential([relu() as never])).toThrow(/entry 0 is no layer/);
  });
});

test('an empty stack hands its input through, and its caller may dispose of both', () => {
  using model = sequential({ input: [2], key: key(0) }, []);
  expect(model.outputShape([2])).toEqual([2]);
  expectNoLeaks(() => {
    const x = ones([3, 2]);
    const y = model.predict(x);
    x.dispose();
    expect([...y.dataSync()]).toEqual([1, 1, 1, 1, 1, 1]);
    y.dispose();
  });
});

describe('JSON', () => {
  test('gives the same architecture, and with the weights the same outputs', () => {
    using model = sequential({ input: [2, 2, 1], key: key(0) }, specs);
    using twin = sequentialFromJSON(JSON.stringify(model), key(9));
    expect([...twin.stateDict().keys()]).toEqual([...model.stateDict().keys()]);
    twin.loadStateDict(model.stateDict());
    const x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
    using a = model.predict(x);
    using b = twin.predict(x);
    expect([...b.dataSync()]).toEqual([...a.dataSync()]);
    expect(twin.toJSON()).toEqual(model.toJSON());
    x.dispose();
  });

  const stack = { format: 'dl.sequential', version: 1, input: [4], layers: [] as unknown };
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['nothing', null],
    ['another object', { layers: [] }],
    ['a list', []],
    ['another version', { ...stack, version: 2 }],
    ['no input', { ...stack, input: undefined }],
    ['an empty input', { ...stack, input: [] }],
    ['an input that is no size', { ...stack, input: ['4'] }],
    ['no layers', { ...stack, layers: undefined }],
    ['a layer that is no object', { ...stack, layers: ['linear'] }],
    ['a layer without a configuration', { ...stack, layers: [{ layer: 'linear' }] }],
    ['a layer in a layer', { ...stack, layers: [{ layer: 'residual', config: { body: [{ layer: 1, config: {} }] } }] }],
  ])('refuses %s', (_, json) => {
    expectNoLeaks(() => expect(() => sequentialFromJSON(json)).toThrow(FormatError));
  });

  test.each<[string, unknown[]]>([
    ['an unknown layer', [{ layer: 'constructor', config: {} }]],
    ['a size that is none', [{ layer: 'linear', config: { out: '10' } }]],
    ['a size that does not fit the memory', [{ layer: 'linear', config: { out: 1e9 } }]],
    ['an unknown activation', [{ layer: 'linear', config: { out: 1, activation: 'rleu' } }]],
    ['a rate that is none', [{ layer: 'dropout', config: { rate: 2 } }]],
    ['a list for a shape', [{ layer: 'reshape', config: { shape: 4 } }]],
  ])('refuses %s', (_, layers) => {
    expectNoLeaks(() => expect(() => sequentialFromJSON({ ...stack, layers })).toThrow(ConfigError));
  });

  test('is refused for modules, and for options that are functions', () => {
    using modules = new Sequential([new Linear({ in: 1, out: 1, key: key(0) })]);
    expect(() => modules.toJSON()).toThrow(/build it from specs/);
    using model = sequential({ input: [1], key: key(0) }, [
      linear({ out: 1, weightInit: (shape) => zeros([...shape]) }),
    ]);
    expect(() => model.toJSON()).toThrow(/layer 0 \(linear\)\.weightInit: a function has no JSON form/);
  });
});

test('dispose frees everything', () => {
  const before = memory().numTensors;
  sequential({ input: [2, 2, 1], key: key(0) }, specs).dispose();
  expect(memory().numTensors).toBe(before);
});
