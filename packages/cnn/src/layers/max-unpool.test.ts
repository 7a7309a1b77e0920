import { ConfigError, Module, type Shape, ShapeError } from '@dl/core';
import { cast, reshape, type Tensor, tensor } from '@dl/core/ops';
import { layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { MaxUnpool1d, MaxUnpool2d } from './max-unpool';
import { MaxPool2d } from './pooling';
import { MaxPool1d } from './pooling-1d';

/** Pools and puts back, so that the contract has a single tensor to feed. */
class PoolAndBack extends Module {
  readonly pool: MaxPool1d | MaxPool2d;
  readonly unpool: Pick<MaxUnpool2d, 'forward'>;

  constructor(pool: MaxPool1d | MaxPool2d, unpool: MaxUnpool1d | MaxUnpool2d) {
    super();
    this.pool = pool;
    this.unpool = unpool as Pick<MaxUnpool2d, 'forward'>;
  }

  forward(x: Tensor): Tensor {
    const { y, indices } = this.pool.withIndices(x);
    const size = x.shape.slice(1, -1);
    return this.unpool.forward({ x: y, indices, size: (size.length === 1 ? size[0] : size) as never });
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

layerContract('MaxUnpool2d', {
  make: () => new PoolAndBack(new MaxPool2d({ kernel: 2 }), new MaxUnpool2d({ kernel: 2 })),
  input: [2, 5, 4, 3],
  wrong: [],
});
layerContract('MaxUnpool2d of overlapping windows', {
  make: () => {
    const windows = { kernel: 3, stride: 2, padding: 1 };
    return new PoolAndBack(new MaxPool2d(windows), new MaxUnpool2d(windows));
  },
  input: [2, 5, 6, 3],
  wrong: [],
});
layerContract('MaxUnpool1d', {
  make: () => new PoolAndBack(new MaxPool1d({ kernel: 2 }), new MaxUnpool1d({ kernel: 2 })),
  input: [2, 7, 3],
  wrong: [],
});

onBackends(['wasm', 'cpu'], () => {
  // The numbers of PyTorch 1.13: of windows that share a maximum it is put back once.
  test('the default size, a given one, and shared maxima', () => {
    using x = tensor([3, -1, 2, 5, 5, 0, -4], [1, 7, 1]);
    const back = (windows: { kernel: number; stride?: number; padding?: number }, size?: number) => {
      const { y, indices } = new MaxPool1d(windows).withIndices(x);
      using result = new MaxUnpool1d(windows).predict({ x: y, indices, ...(size !== undefined && { size }) });
      y.dispose();
      indices.dispose();
      return [...result.dataSync()];
    };
    expect(back({ kernel: 2 })).toEqual([3, 0, 0, 5, 5, 0]);
    expect(back({ kernel: 2 }, 7)).toEqual([3, 0, 0, 5, 5, 0, 0]);
    expect(back({ kernel: 3, stride: 2, padding: 1 })).toEqual([3, 0, 0, 5, 0, 0, 0]);
    expect(new MaxUnpool2d({ kernel: 3, stride: 2, padding: 1 }).outputShape([3, 3, 4])).toEqual([5, 5, 4]);
    expect(new MaxUnpool1d({ kernel: 3, stride: 2, padding: 1 }).outputShape([4, 2])).toEqual([7, 2]);
  });
});

onBackends(['wasm'], () => {
  test('what does not fit is refused', () => {
    using x = tensor([1, 2], [1, 1, 2, 1]);
    using indices = tensor([0, 9], [1, 1, 2, 1], 'int32');
    using fewer = tensor([0], [1, 1, 1, 1], 'int32');
    using floats = cast(indices, 'float32');
    const layer = new MaxUnpool2d({ kernel: 2 });
    expect(() => layer.predict({ x, indices })).toThrow(/MaxUnpool2d: the index 9 lies outside an image of 2 x 4/);
    expect(() => layer.predict({ x, indices: fewer })).toThrow(/indices of the same shape/);
    expect(() => layer.predict({ x, indices: floats })).toThrow(ShapeError);
    using flat = reshape(x, [1, 2]);
    expect(() => layer.predict({ x: flat, indices })).toThrow(/MaxUnpool2d: the input has 2 axes/);
    expect(() => new MaxUnpool1d({ kernel: 2 }).predict({ x: flat, indices })).toThrow(/MaxUnpool1d: the input has 2/);
    expect(() => new MaxUnpool2d({ kernel: 0 })).toThrow(ConfigError);
    expect(() => new MaxUnpool1d({ kernel: 2, stride: -1 })).toThrow(ConfigError);
    expect(() => new MaxUnpool1d({ kernel: 2, padding: 1 }).outputShape([1, 1])).toThrow(/leaves nothing/);
  });
});
