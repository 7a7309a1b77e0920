import { key } from '@dl/core';
import { grads, linear, reshape, type Tensor, tensor, tidy, transpose, withComposedOps } from '@dl/core/ops';
import { expectClose, expectNoLeaks, onBackends } from '@dl/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { col2im, conv2d, im2col, maxPool2d, maxPool2dWithIndices, maxUnpool2d, padImage } from './index';

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    inGroup: fc.integer({ min: 1, max: 5 }),
    outGroup: fc.integer({ min: 1, max: 18 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.nat(4), fc.nat(2), fc.nat(2), fc.nat(4)),
    more: fc.tuple(fc.nat(6), fc.nat(6)),
    seed: fc.nat(),
  })
  .map((s) => ({
    ...s,
    size: [0, 1].map((i) => s.dilation[i]! * (s.kernel[i]! - 1) + 1 + s.more[i]!) as [number, number],
  }));

/** The convolution by its definition, in float64, and its gradients. */
function naive(s: typeof shapes extends fc.Arbitrary<infer S> ? S : never, x: Tensor, w: Tensor, dy: Tensor) {
  const [xs, ws, dys] = [x.dataSync(), w.dataSync(), dy.dataSync()];
  const [height, width] = s.size;
  const [ci, co] = [s.groups * s.inGroup, s.groups * s.outGroup];
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const y = new Float64Array(dy.size);
  const dx = new Float64Array(x.size);
  const dw = new Float64Array(w.size);
  for (let n = 0; n < s.batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let o = 0; o < co; o++)
          for (let h = 0; h < s.kernel[0]; h++)
            for (let k = 0; k < s.kernel[1]; k++)
              for (let c = 0; c < s.inGroup; c++) {
                const row = i * s.stride[0] + h * s.dilation[0] - s.padding[0];
                const column = j * s.stride[1] + k * s.dilation[1] - s.padding[2];
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                const channel = Math.floor(o / s.outGroup) * s.inGroup + c;
                const at = ((n * height + row) * width + column) * ci + channel;
                const weight = ((h * s.kernel[1] + k) * s.inGroup + c) * co + o;
                const out = ((n * outHeight + i) * outWidth + j) * co + o;
                y[out]! += xs[at]! * ws[weight]!;
                dx[at]! += dys[out]! * ws[weight]!;
                dw[weight]! += xs[at]! * dys[out]!;
              }
  return { y, dx, dw };
}

const numbers = (seed: number, name: string, shape: number[]) => tensor(key(seed).child(name).normal(shape), shape);

onBackends(['wasm'], () => {
  test.each(['kernels', 'composed'])('any convolution is what its definition says, %s', (form) => {
    fc.assert(
      fc.property(shapes, (s) => {
        const check = () =>
          tidy(() => {
            const x = numbers(s.seed, 'x', [s.batch, ...s.size, s.groups * s.inGroup]);
            const w = numbers(s.seed, 'w', [...s.kernel, s.inGroup, s.groups * s.outGroup]);
            const { groups, stride, dilation, padding } = s;
            const f = (...[x, w]: Tensor[]) => conv2d(x!, w!, undefined, { groups, stride, dilation, padding });
            const y = f(x, w);
            const dy = numbers(s.seed, 'dy', y.shape);
            const expected = naive(s, x, w, dy);
            const [dx, dw] = grads(f)([x, w], dy);
            expectClose(y, { shape: y.shape, data: expected.y }, 1e-4, 'y');
            expectClose(dx!, { shape: x.shape, data: expected.dx }, 1e-4, 'dx');
            expectClose(dw!, { shape: w.shape, data: expected.dw }, 3e-4, 'dw');
          });
        expectNoLeaks(() => (form === 'kernels' ? check() : withComposedOps(check)));
      }),
      { numRuns: form === 'kernels' ? 150 : 25 },
    );
  });

  test('im2col times the weight is the convolution, col2im is its transpose', () => {
    fc.assert(
      fc.property(shapes, (s) => {
        tidy(() => {
          const x = numbers(s.seed, 'x', [s.batch, ...s.size, s.inGroup]);
          const w = numbers(s.seed, 'w', [...s.kernel, s.inGroup, s.outGroup]);
          const options = { stride: s.stride, dilation: s.dilation, padding: s.padding };
          const patches = im2col(x, s.kernel, options);
          const y = conv2d(x, w, undefined, options);
          const matrix = transpose(reshape(w, [patches.shape[2]!, s.outGroup]), [1, 0]);
          expectClose(reshape(linear(patches, matrix), y.shape), y, 1e-4, 'y');
          expectClose(
            withComposedOps(() => im2col(x, s.kernel, options)),
            patches,
            0,
            'composed patches',
          );
          const dy = numbers(s.seed, 'dy', patches.shape);
          const image = col2im(dy, s.size, s.kernel, options);
          expectClose(grads((x: Tensor) => im2col(x, s.kernel, options))([x], dy)[0]!, image, 0, 'gradient of im2col');
          expectClose(
            withComposedOps(() => col2im(dy, s.size, s.kernel, options)),
            image,
            1e-4,
            'composed image',
          );
          const back = grads((p: Tensor) => col2im(p, s.size, s.kernel, options))([dy], x)[0]!;
          expectClose(back, patches, 0, 'gradient of col2im');
        });
      }),
      { numRuns: 40 },
    );
  });

  test.each(['kernels', 'composed'])('ties go to the first maximum, also below zero, %s', (form) => {
    const run = () => {
      const x = tensor([-2, -1, -1, -3, -5, -5, -5, -5], [2, 2, 2, 1]);
      const { y, indices } = maxPool2dWithIndices(x, { kernel: 2 });
      expect([...y.dataSync()]).toEqual([-1, -5]);
      expect([...indices.dataSync()]).toEqual([1, 0]);
      const dx = grads((x: Tensor) => maxPool2d(x, { kernel: 2 }))([x], tensor([10, 20], [2, 1, 1, 1]))[0]!;
      expect([...dx.dataSync()]).toEqual([0, 10, 0, 0, 20, 0, 0, 0]);
      expect([...maxUnpool2d(y, indices, [2, 2]).dataSync()]).toEqual([0, -1, 0, 0, -5, 0, 0, 0]);
      const f = (y: Tensor) => maxUnpool2d(y, indices, [2, 2]);
      expect([...grads(f)([y], x)[0]!.dataSync()]).toEqual([-1, -5]);
    };
    tidy(() => (form === 'kernels' ? run() : withComposedOps(run)));
  });

  test('padding by mode takes the pixels that PyTorch takes', () => {
    tidy(() => {
      const x = tensor([1, 2, 3], [1, 1, 3, 1]);
      const padded = (mode: 'reflect' | 'replicate' | 'circular' | 'zeros') => [
        ...padImage(x, [0, 0, 2, 1], mode).dataSync(),
      ];
      expect(padded('reflect')).toEqual([3, 2, 1, 2, 3, 2]);
      expect(padded('replicate')).toEqual([1, 1, 1, 2, 3, 3]);
      expect(padded('circular')).toEqual([2, 3, 1, 2, 3, 1]);
      expect(padded('zeros')).toEqual([0, 0, 1, 2, 3, 0]);
      expect(() => padImage(x, [0, 0, 3, 0], 'reflect')).toThrow(
        "the padding mode 'reflect' can add at most 2 columns",
      );
      const dx = grads((x: Tensor) => padImage(x, [0, 0, 2, 1], 'reflect'))(
        [x],
        tensor([1, 2, 4, 8, 16, 32], [1, 1, 6, 1]),
      );
      expect([...dx[0]!.dataSync()]).toEqual([4, 42, 17]);
    });
  });
});
