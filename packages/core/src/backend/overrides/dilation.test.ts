import { backend_util, engine, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../init';
import { stockKernel } from '../override';
import { sizeOf } from '../shapes';
import { type Data, floats, integers, type KernelCall, kernelProperty } from './property';

beforeAll(() => init());

type Pair = [number, number];
type Size3 = [number, number, number];
type Size4 = [number, number, number, number];

const calls = fc
  .record({
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 3 }),
    more: fc.tuple(fc.nat(4), fc.nat(4)),
    strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pad: fc.constantFrom('same', 'valid'),
    integer: fc.boolean(),
  })
  .map(({ batch, channels, size, more, strides, dilations, pad, integer }) => {
    const x: [number, number, number, number] = [batch, size * 2 + more[0], size * 2 + more[1], channels];
    const filter: [number, number, number] = [size, size, channels];
    const info = backend_util.computeDilation2DInfo(x, filter, strides, pad, 'NHWC', dilations);
    const data = (shape: number[]) => (integer ? integers(shape, -5, 5) : floats(shape, 'finite'));
    return { x: data(x), filter: data(filter), dy: data(info.outShape), attrs: { strides, dilations, pad } };
  });

/** The three results by the definition. */
function reference(which: 'y' | 'x' | 'filter') {
  return ({ inputs, attrs }: KernelCall): Data => {
    const { x, filter, dy } = inputs as { x: Data; filter: Data; dy: Data };
    const { strides, dilations, pad } = attrs as { strides: Pair; dilations: Pair; pad: 'same' };
    const [batch, height, width, channels] = x.shape as Size4;
    const info = backend_util.computeDilation2DInfo(
      x.shape as Size4,
      filter.shape as Size3,
      strides,
      pad,
      'NHWC',
      dilations,
    );
    const result = { y: { shape: info.outShape as number[] }, x, filter }[which];
    const values = new Float64Array(sizeOf(result.shape));
    let o = 0;
    for (let n = 0; n < batch; n++) {
      for (let row = 0; row < info.outHeight; row++) {
        for (let column = 0; column < info.outWidth; column++) {
          for (let c = 0; c < channels; c++, o++) {
            let best = { value: Number.NEGATIVE_INFINITY, x: -1, filter: -1 };
            for (let h = 0; h < info.filterHeight; h++) {
              for (let w = 0; w < info.filterWidth; w++) {
                const p = row * strides[0] - info.padInfo.top + h * dilations[0];
                const q = column * strides[1] - info.padInfo.left + w * dilations[1];
                if (p < 0 || p >= height || q < 0 || q >= width) continue;
                const from = ((n * height + p) * width + q) * channels + c;
                const tap = (h * info.filterWidth + w) * channels + c;
                const value = Math.fround(x.values[from]! + filter.values[tap]!);
                if (value > best.value) best = { value, x: from, filter: tap };
              }
            }
            if (which === 'y') values[o] = best.value;
            else values[best[which]]! += dy.values[o]!;
          }
        }
      }
    }
    const type = x.dtype === 'int32' ? Int32Array : Float32Array;
    return { shape: result.shape, dtype: x.dtype, values: type.from(values) };
  };
}

kernelProperty(
  'Dilation2D',
  calls.chain(({ x, filter, attrs }) => fc.record({ inputs: fc.record({ x, filter }), attrs: fc.constant(attrs) })),
  { reference: reference('y'), relative: 1e-6 },
);

for (const [name, which] of [
  ['Dilation2DBackpropInput', 'x'],
  ['Dilation2DBackpropFilter', 'filter'],
] as const) {
  kernelProperty(
    name,
    calls.chain(({ x, filter, dy, attrs }) =>
      fc.record({ inputs: fc.record({ x, filter, dy }), attrs: fc.constant(attrs) }),
    ),
    { reference: reference(which), absolute: 1e-4 },
  );
}

test("tfjs's kernels give other values", () => {
  tidy(() => {
    const x = tensor([-0.7, -0.1, -0.4, -0.8, -0.9, -0.2, -0.6, -0.5, -0.3], [1, 3, 3, 1]);
    const filter = tensor([-0.3, -0.1, -0.2, -0.4], [2, 2, 1]);
    const dy = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
    const attrs = { strides: [1, 1], dilations: [1, 1], pad: 'valid' };
    // The largest sums of the windows, from the top left: -0.1-0.1, -0.1-0.3, -0.6-0.2, -0.2-0.1.
    const expected: Record<string, number[]> = {
      Dilation2D: [-0.2, -0.4, -0.8, -0.3],
      Dilation2DBackpropInput: [0, 3, 0, 0, 0, 4, 3, 0, 0],
      Dilation2DBackpropFilter: [2, 5, 3, 0],
    };
    for (const [name, values] of Object.entries(expected)) {
      const inputs = name === 'Dilation2D' ? { x, filter } : { x, filter, dy };
      const ours = engine().runKernel(name, inputs, attrs);
      const stock = stockKernel(name)!.kernelFunc({ inputs, attrs, backend: engine().backend });
      const rounded = (result: typeof stock) =>
        [
          ...engine()
            .makeTensorFromTensorInfo(Array.isArray(result) ? result[0]! : result)
            .dataSync(),
        ].map((v) => Math.round(v * 1e5) / 1e5);
      expect(rounded(ours), name).toEqual(values);
      expect(rounded(stock), name).not.toEqual(values);
    }
  });
});
