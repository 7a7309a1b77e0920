import { backend_util, engine, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../init';
import { stockKernel } from '../override';
import { sizeOf } from '../shapes';
import { type Data, floats, integers, type KernelCall, kernelProperty } from './property';

beforeAll(() => init());

/** The sizes as tfjs works them out: also its forward kernels go by them. */
const info = (shape: number[], filterSize: number[], strides: number[], pad: string) =>
  shape.length === 4
    ? backend_util.computePool2DInfo(shape as never, filterSize as never, strides as never, 1, pad as 'same')
    : backend_util.computePool3DInfo(shape as never, filterSize as never, strides as never, 1, pad as 'same');

/** Windows over two or three axes. */
const windows = (axes: 2 | 3) =>
  fc
    .record({
      batch: fc.integer({ min: 0, max: 2 }),
      channels: fc.integer({ min: 1, max: 9 }),
      filterSize: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: axes, maxLength: axes }),
      more: fc.array(fc.nat(4), { minLength: axes, maxLength: axes }),
      strides: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: axes, maxLength: axes }),
      pad: fc.constantFrom('same', 'valid'),
    })
    .map(({ batch, channels, filterSize, more, strides, pad }) => {
      const shape = [batch, ...filterSize.map((size, i) => size + more[i]!), channels];
      return {
        shape,
        out: info(shape, filterSize, strides, pad).outShape,
        attrs: { filterSize, strides, pad },
      };
    });

/** Small integers, most of them negative: ties, and windows without a positive value. */
const withTies = (shape: number[]) =>
  integers(shape, -4, 1).map((data): Data => ({ ...data, dtype: 'float32', values: Float32Array.from(data.values) }));

/** dx by the definition: every window gives its gradient to the first of its largest values. */
function maxPoolGradient({ inputs, attrs }: KernelCall): Data {
  const { input, dy } = inputs as { input: Data; dy: Data };
  const { filterSize, strides, pad } = attrs as { filterSize: number[]; strides: number[]; pad: string };
  const [batch, ...rest] = input.shape;
  const channels = rest.pop()!;
  const out = dy.shape.slice(1, -1);
  const dx = new Float64Array(input.values.length);
  const { padInfo } = info(input.shape, filterSize, strides, pad);
  const before = 'front' in padInfo ? [padInfo.front, padInfo.top, padInfo.left] : [padInfo.top, padInfo.left];
  for (let n = 0; n < batch!; n++) {
    for (const [w, window] of [...grid(out)].entries()) {
      for (let c = 0; c < channels; c++) {
        let best = -1;
        for (const tap of grid(filterSize)) {
          const at = window.map((o, i) => o * strides[i]! - before[i]! + tap[i]!);
          if (at.some((p, i) => p < 0 || p >= rest[i]!)) continue;
          const place = at.reduce((sum, p, i) => sum * rest[i]! + p, n) * channels + c;
          if (best < 0 || input.values[place]! > input.values[best]!) best = place;
        }
        dx[best]! += dy.values[(n * sizeOf(out) + w) * channels + c]!;
      }
    }
  }
  return { shape: input.shape, dtype: 'float32', values: Float32Array.from(dx) };
}

/** All index tuples of a shape, row-major. */
function* grid([size, ...rest]: readonly number[]): Iterable<number[]> {
  if (size === undefined) yield [];
  else for (let i = 0; i < size; i++) for (const inner of grid(rest)) yield [i, ...inner];
}

// tfjs's cpu backend is no reference here: in three dimensions it gives ties to the last maximum, and takes the wrong
// element where the window is no cube.
for (const [name, axes] of [
  ['MaxPoolGrad', 2],
  ['MaxPool3DGrad', 3],
] as const) {
  kernelProperty(
    name,
    windows(axes).chain(({ shape, out, attrs }) =>
      fc.record({
        inputs: fc.record({ dy: floats(out, 'finite'), input: withTies(shape), output: floats(out, 'finite') }),
        attrs: fc.constant(attrs),
      }),
    ),
    { reference: maxPoolGradient, absolute: 1e-4 },
  );
}

// These two are tfjs's own, and stay so as long as they are right.
for (const [name, axes] of [
  ['AvgPoolGrad', 2],
  ['AvgPool3DGrad', 3],
] as const) {
  kernelProperty(
    name,
    windows(axes).chain(({ shape, out, attrs }) =>
      fc.record({
        inputs: fc.record({ dy: floats(out, 'finite'), input: floats(shape, 'finite') }),
        attrs: fc.constant(attrs),
      }),
    ),
    { absolute: 1e-4, runs: 100 },
  );
}

test.each([
  ['MaxPoolGrad', [1, 2, 2, 1], [1, 1, 1, 1], [2, 2]],
  ['MaxPool3DGrad', [1, 1, 2, 2, 1], [1, 1, 1, 1, 1], [1, 2, 2]],
])(
  '%s: the first of equal maxima gets the gradient, also below zero; in tfjs it does not',
  (name, shape, out, filterSize) => {
    tidy(() => {
      const gradient = (values: number[], stock: boolean) => {
        const inputs = {
          dy: tensor([1], out),
          input: tensor(values, shape),
          output: tensor([Math.max(...values)], out),
        };
        const attrs = { filterSize, strides: filterSize, pad: 'valid' };
        const result = stock
          ? stockKernel(name)!.kernelFunc({ inputs, attrs, backend: engine().backend })
          : engine().runKernel(name, inputs, attrs);
        return [
          ...engine()
            .makeTensorFromTensorInfo(Array.isArray(result) ? result[0]! : result)
            .dataSync(),
        ];
      };
      const cases: [number[], number[]][] = [
        [
          [-3, -1, -2, -4],
          [0, 1, 0, 0],
        ],
        [
          [5, 7, 7, 5],
          [0, 1, 0, 0],
        ],
        [
          [-1, -1, -1, -1],
          [1, 0, 0, 0],
        ],
        [
          [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
          [1, 0, 0, 0],
        ],
        [
          [Number.NaN, 2, 3, Number.NaN],
          [0, 0, 1, 0],
        ],
      ];
      for (const [values, expected] of cases) expect(gradient(values, false), `${values}`).toEqual(expected);
      expect(cases.slice(0, 3).map(([values]) => gradient(values, true))).not.toEqual(
        cases.slice(0, 3).map((c) => c[1]),
      );
    });
  },
);
