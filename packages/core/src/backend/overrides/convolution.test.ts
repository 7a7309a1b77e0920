import { backend_util, conv2d, engine, getKernel, ones, type Rank, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Heap } from '../heap';
import { init } from '../init';
import { stockKernel } from '../override';
import { sizeOf } from '../shapes';
import { type Data, floats, type KernelCall, kernelProperty, runKernel } from './property';

beforeAll(() => init());

type Size4 = [number, number, number, number];
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];

interface Convolution {
  x: Size4;
  filter: Size4;
  strides: [number, number];
  pad: Pad;
}

/** Convolutions of odd sizes; the window fits into the image. */
const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    batch: fc.integer({ min: 0, max: 3 }),
    inChannels: fc.integer({ min: 1, max: 9 }),
    outChannels: fc.integer({ min: 1, max: 21 }),
    filter: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    more: fc.tuple(fc.nat(6), fc.nat(6)),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.oneof(
      fc.constantFrom<Pad>('same', 'valid'),
      fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)).map(
        (p): Pad => [
          [0, 0],
          [p[0], p[1]],
          [p[2], p[3]],
          [0, 0],
        ],
      ),
    ),
  })
  .map(({ batch, inChannels, outChannels, filter, more, strides, pad }) => ({
    x: [batch, filter[0] + more[0], filter[1] + more[1], inChannels],
    filter: [...filter, inChannels, outChannels],
    strides,
    pad,
  }));

const outShape = ({ x, filter, strides, pad }: Convolution, depthwise = false) =>
  backend_util.computeConv2DInfo(x, filter, strides, 1, pad, undefined, depthwise).outShape;

/** Numbers between -1 and 1. */
const wave = (shape: number[], step: number): Data => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(i * step)),
});

/** A little more than the rounding of as many terms as a tensor has. */
const bound = ({ inputs }: KernelCall) => {
  const scales = Object.values(inputs).map(({ values }) => Math.max(1, ...values));
  const terms = Math.max(1, ...Object.values(inputs).map(({ values }) => values.length));
  return 2e-6 * scales[0]! * scales[1]! * Math.sqrt(terms);
};

kernelProperty(
  'Conv2DBackpropFilter',
  convolutions.chain((c) =>
    fc.record({
      inputs: fc.record({ x: floats(c.x, 'finite'), dy: floats(outShape(c), 'finite') }),
      attrs: fc.constant({ strides: c.strides, pad: c.pad as string, dataFormat: 'NHWC', filterShape: c.filter }),
    }),
  ),
  { absolute: bound },
);

kernelProperty(
  'Conv2DBackpropInput',
  convolutions.chain((c) =>
    fc.record({
      inputs: fc.record({ dy: floats(outShape(c), 'finite'), filter: floats(c.filter, 'finite') }),
      attrs: fc.constant({ strides: c.strides, pad: c.pad as string, dataFormat: 'NHWC', inputShape: c.x }),
    }),
  ),
  { absolute: bound },
);

/** The sizes of a depthwise convolution: the last axis of the filter multiplies the channels. */
const multiplied = fc.tuple(convolutions, fc.integer({ min: 1, max: 3 })).map(
  ([c, multiplier]): Convolution => ({
    ...c,
    filter: [c.filter[0], c.filter[1], c.filter[2], multiplier],
  }),
);

kernelProperty(
  'DepthwiseConv2dNativeBackpropFilter',
  multiplied.chain((c) =>
    fc.record({
      inputs: fc.record({ x: floats(c.x, 'finite'), dy: floats(outShape(c, true), 'finite') }),
      attrs: fc.constant({ strides: c.strides, dilations: [1, 1], pad: c.pad as string, filterShape: c.filter }),
    }),
  ),
  { absolute: bound },
);

kernelProperty(
  'DepthwiseConv2dNativeBackpropInput',
  multiplied.chain((c) =>
    fc.record({
      inputs: fc.record({ dy: floats(outShape(c, true), 'finite'), filter: floats(c.filter, 'finite') }),
      attrs: fc.constant({ strides: c.strides, dilations: [1, 1], pad: c.pad as string, inputShape: c.x }),
    }),
  ),
  { absolute: bound },
);

type Size5 = [number, number, number, number, number];

const volumes = fc
  .record({
    c: convolutions,
    depth: fc.integer({ min: 1, max: 3 }),
    more: fc.nat(3),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .map(({ c, depth, more, stride, pad }) => {
    const [batch, height, width, channels] = c.x;
    const x: Size5 = [batch, depth + more, Math.min(height, 5), Math.min(width, 5), channels];
    const filter: Size5 = [depth, ...c.filter];
    const strides: [number, number, number] = [stride, ...c.strides];
    const { outShape } = backend_util.computeConv3DInfo(x, filter, strides, 1, pad);
    return { x, filter, strides, pad, outShape };
  });

kernelProperty(
  'Conv3DBackpropFilterV2',
  volumes.chain(({ x, filter, strides, pad, outShape }) =>
    fc.record({
      inputs: fc.record({ x: floats(x, 'finite'), dy: floats(outShape, 'finite') }),
      attrs: fc.constant({ strides, pad, filterShape: filter }),
    }),
  ),
  { absolute: bound, runs: 50 },
);

kernelProperty(
  'Conv3DBackpropInputV2',
  volumes.chain(({ x, filter, strides, pad, outShape }) =>
    fc.record({
      inputs: fc.record({ dy: floats(outShape, 'finite'), filter: floats(filter, 'finite') }),
      attrs: fc.constant({ strides, pad, inputShape: x }),
    }),
  ),
  { absolute: bound, runs: 50 },
);

describe('channels first', () => {
  const attrs = { strides: [2, 1], pad: 'same', dataFormat: 'NCHW' };

  test.each([
    [
      'Conv2DBackpropFilter',
      { inputs: { x: wave([2, 3, 7, 6], 7.3), dy: wave([2, 5, 4, 6], 7.3) } },
      { filterShape: [3, 3, 3, 5] },
    ],
    [
      'Conv2DBackpropInput',
      { inputs: { dy: wave([2, 5, 4, 6], 7.3), filter: wave([3, 3, 3, 5], 7.3) } },
      { inputShape: [2, 3, 7, 6] },
    ],
  ])('%s agrees with the cpu backend', (name, call, more) => {
    const [ours, theirs] = ['wasm', 'cpu'].map(
      (b) => runKernel(name, b, { ...call, attrs: { ...attrs, ...more } }) as Data,
    );
    expect(ours!.shape).toEqual(theirs!.shape);
    for (const [i, value] of theirs!.values.entries()) expect(ours!.values[i]).toBeCloseTo(value, 4);
  });
});

test('chunks of patches join: more positions than a chunk holds, wide patches, one pixel windows', () => {
  for (const [x, filter, strides] of [
    [
      [3, 33, 31, 5],
      [3, 3, 5, 6],
      [1, 1],
    ],
    [
      [1, 12, 14, 130],
      [5, 5, 130, 3],
      [1, 1],
    ],
    [
      [2, 9, 8, 6],
      [1, 1, 6, 7],
      [1, 1],
    ],
    [
      [2, 9, 8, 6],
      [1, 1, 6, 7],
      [2, 2],
    ],
  ] as [Size4, Size4, [number, number]][]) {
    const shape = outShape({ x, filter, strides, pad: 'same' });
    const attrs = { strides, pad: 'same', dataFormat: 'NHWC' };
    for (const [name, call] of [
      [
        'Conv2DBackpropFilter',
        { inputs: { x: wave(x, 1.1), dy: wave(shape, 0.7) }, attrs: { ...attrs, filterShape: filter } },
      ],
      [
        'Conv2DBackpropInput',
        { inputs: { dy: wave(shape, 0.7), filter: wave(filter, 2.3) }, attrs: { ...attrs, inputShape: x } },
      ],
    ] as const) {
      const [ours, theirs] = ['wasm', 'cpu'].map((b) => runKernel(name, b, call as unknown as KernelCall) as Data);
      for (const [i, value] of theirs!.values.entries()) {
        if (!(Math.abs(ours!.values[i]! - value) < 1e-3))
          expect.fail(`${name} [${x}]: ${ours!.values[i]} for ${value}`);
      }
    }
  }
});

test.each(['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput'])(
  "tfjs's wasm backend has no %s",
  (name) => {
    expect(getKernel(name, 'wasm')).toBeDefined();
    expect(stockKernel(name)).toBeUndefined();
  },
);

test.each([
  ['Conv3DBackpropInputV2', { dy: [1, 2, 2, 2, 1], filter: [2, 2, 2, 1, 1] }, { inputShape: [1, 4, 4, 4, 1] }],
  ['Conv3DBackpropFilterV2', { x: [1, 4, 4, 4, 1], dy: [1, 2, 2, 2, 1] }, { filterShape: [2, 2, 2, 1, 1] }],
])("tfjs's %s is wrong on its wasm backend, ours is right", (name, shapes, shape) => {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([key, s], i) => [key, wave(s, 1.1 + i)]));
  const attrs = { strides: [2, 2, 2], pad: 'valid', ...shape };
  const expected = runKernel(name, 'cpu', { inputs, attrs }) as Data;
  const ours = runKernel(name, 'wasm', { inputs, attrs }) as Data;
  const stock = tidy(() => {
    const tensors = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, tensor(x.values, x.shape)]));
    const result = stockKernel(name)!.kernelFunc({ inputs: tensors, attrs, backend: engine().backend });
    return engine()
      .makeTensorFromTensorInfo(Array.isArray(result) ? result[0]! : result)
      .dataSync();
  });
  const error = (values: ArrayLike<number>) =>
    Math.max(...Array.from(expected.values, (value, i) => Math.abs(value - values[i]!)));
  expect(error(ours.values)).toBeLessThan(1e-5);
  expect(error(stock)).toBeGreaterThan(0.1);
});

test('a filter written in place is seen by the next convolution', () => {
  tidy(() => {
    const heap = Heap.of(engine().backend);
    const x = ones<Rank.R4>([1, 4, 4, 2]);
    const filter = ones<Rank.R4>([3, 3, 2, 1]);
    expect(conv2d(x, filter, 1, 'valid').dataSync()[0]).toBe(18);
    heap.floats(heap.address(filter), 18).fill(2);
    heap.written(filter);
    expect(conv2d(x, filter, 1, 'valid').dataSync()[0]).toBe(36);
  });
});
