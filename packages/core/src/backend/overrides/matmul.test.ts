import { engine, fused, matMul, memory, ones, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Heap } from '../heap';
import { init } from '../init';
import { stockKernel } from '../override';
import { floats, kernelProperty } from './property';

let heap: Heap;
beforeAll(async () => {
  await init();
  heap = Heap.of(engine().backend);
});

interface Matrices {
  shape: number[];
  data: Float32Array;
}

/** Pseudo-random numbers in [-1, 1), the same for the same seed. */
function noise(shape: number[], seed: number): Matrices {
  let state = seed >>> 0 || 1;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return { shape, data };
}

/** The product in float64, and for each element the sum of |a| |b| that its error is measured by. */
function reference(a: Matrices, b: Matrices, transA: boolean, transB: boolean, batch: number[]) {
  const [ar, ac] = a.shape.slice(-2) as [number, number];
  const [br, bc] = b.shape.slice(-2) as [number, number];
  const [m, k] = transA ? [ac, ar] : [ar, ac];
  const n = transB ? br : bc;
  const matrices = batch.reduce((x, y) => x * y, 1);
  const values = new Float64Array(matrices * m * n);
  const scales = new Float64Array(matrices * m * n);
  const offset = (shape: number[], index: number) => {
    let at = 0;
    let stride = 1;
    let rest = index;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const i = rest % batch[axis]!;
      rest = Math.floor(rest / batch[axis]!);
      const own = shape[shape.length - 2 - batch.length + axis] ?? 1;
      at += (own === 1 ? 0 : i) * stride;
      stride *= own;
    }
    return at;
  };
  for (let q = 0; q < matrices; q++) {
    const a0 = offset(a.shape, q) * m * k;
    const b0 = offset(b.shape, q) * k * n;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let scale = 0;
        for (let p = 0; p < k; p++) {
          const term = a.data[a0 + (transA ? p * m + i : i * k + p)]! * b.data[b0 + (transB ? j * k + p : p * n + j)]!;
          sum += term;
          scale += Math.abs(term);
        }
        values[(q * m + i) * n + j] = sum;
        scales[(q * m + i) * n + j] = scale;
      }
    }
  }
  return { shape: [...batch, m, n], values, scales };
}

function expectProduct(actual: Tensor, expected: ReturnType<typeof reference>, what: string) {
  expect(actual.shape, what).toEqual(expected.shape);
  const values = actual.dataSync();
  for (const [i, value] of expected.values.entries()) {
    const y = values[i]!;
    if (!Number.isFinite(value)) {
      expect(y, `${what}: element ${i}`).toBe(value);
    } else if (!(Math.abs(y - value) <= 1e-6 * expected.scales[i]! + 1e-30)) {
      expect.fail(`${what}: element ${i} is ${y}, expected ${value}`);
    }
  }
}

function check(aShape: number[], bShape: number[], transA: boolean, transB: boolean, batch: number[], seed: number) {
  const [a, b] = [noise(aShape, seed), noise(bShape, seed + 1)];
  tidy(() => {
    const y = matMul(tensor(a.data, aShape), tensor(b.data, bShape), transA, transB);
    expectProduct(
      y,
      reference(a, b, transA, transB, batch),
      `[${aShape}]${transA ? "'" : ''} [${bShape}]${transB ? "'" : ''}`,
    );
  });
}

const flip = (flipped: boolean, rows: number, columns: number) => (flipped ? [columns, rows] : [rows, columns]);

describe('matMul', () => {
  test('agrees with float64 on random shapes, transposes and broadcast batches', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 40 }));
    const axis = fc.record({ size: fc.integer({ min: 0, max: 3 }), a: fc.boolean(), b: fc.boolean() });
    fc.assert(
      fc.property(
        fc.record({ m: size, n: size, k: size, transA: fc.boolean(), transB: fc.boolean(), seed: fc.nat() }),
        fc.array(axis, { maxLength: 3 }),
        fc.integer({ min: 0, max: 3 }),
        ({ m, n, k, transA, transB, seed }, axes, dropped) => {
          // An axis is broadcast on the side where it is 1, or absent where it leads.
          const batch = axes.map((x) => (x.a && x.b ? 1 : x.size));
          const aBatch = axes.map((x) => (x.a ? 1 : x.size));
          const bBatch = axes.map((x) => (x.b ? 1 : x.size));
          while (dropped-- > 0 && bBatch[0] === 1) bBatch.shift();
          check([...aBatch, ...flip(transA, m, k)], [...bBatch, ...flip(transB, k, n)], transA, transB, batch, seed);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    [130, 517, 70],
    [7, 1030, 257],
    [391, 3, 18],
    [1, 700, 50],
    [333, 300, 1],
    [3, 515, 30],
    [5, 520, 1100],
  ])('agrees with float64 across block edges: %i x %i x %i', (m, k, n) => {
    for (const transA of [false, true]) {
      for (const transB of [false, true]) check(flip(transA, m, k), flip(transB, k, n), transA, transB, [], 7);
    }
  });

  test('carries NaN and Infinity into the rows and columns they belong to, and nowhere else', () => {
    for (const transA of [false, true]) {
      for (const transB of [false, true]) {
        for (const [m, k, n] of [
          [9, 10, 11],
          [2, 9, 21],
          [30, 7, 1],
        ] as const) {
          const a = noise(flip(transA, m, k), 3);
          const b = noise(flip(transB, k, n), 4);
          a.data[a.data.length - 1] = Number.NaN;
          b.data[0] = Number.POSITIVE_INFINITY;
          tidy(() => {
            const y = matMul(tensor(a.data, a.shape), tensor(b.data, b.shape), transA, transB);
            expectProduct(y, reference(a, b, transA, transB, []), `${m} ${k} ${n}`);
          });
        }
      }
    }
  });

  test('names both shapes when the inner sizes differ', () => {
    const before = memory().numTensors;
    expect(() => tidy(() => matMul(ones([2, 3]), ones([4, 5])))).toThrow(
      /matMul: the inner sizes differ: 3 and 4[\s\S]*a +\[2, 3\][\s\S]*b +\[4, 5\]/,
    );
    expect(memory().numTensors).toBe(before);
  });

  test('works when its own output makes the heap grow, and above 2 GiB', { timeout: 60_000 }, () => {
    const before = memory().numTensors;
    tidy(() => {
      const pages = heap.memory.buffer.byteLength;
      const rows = Math.ceil(pages / 4 / 64) + 1024; // an output larger than the whole heap
      const a = noise([rows, 1], 5);
      const y = matMul(tensor(a.data, [rows, 1]), ones([1, 64]));
      expect(heap.memory.buffer.byteLength).toBeGreaterThan(pages);
      const last = heap.floats(heap.address(y) + (rows - 1) * 64 * 4, 64);
      expect([...last]).toEqual(new Array(64).fill(a.data[rows - 1]));
    });
    tidy(() => {
      // Fill the heap below 2 GiB, with smaller and smaller pieces.
      for (const size of [1 << 26, 1 << 20, 1 << 16, 1 << 12]) {
        while (heap.address(heap.tensor([size])) < 2 ** 31);
      }
      const [a, b] = [noise([100, 60], 8), noise([70, 60], 9)];
      const [ta, tb] = [tensor(a.data, a.shape), tensor(b.data, b.shape)];
      const y = matMul(ta, tb, false, true);
      expect(heap.address(y)).toBeGreaterThan(2 ** 31);
      expectProduct(y, reference(a, b, false, true, []), 'above 2 GiB');
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('fused matMul', () => {
  const activations: Record<string, (z: number) => number> = {
    linear: (z) => z,
    relu: (z) => Math.max(z, 0),
    relu6: (z) => Math.min(Math.max(z, 0), 6),
    sigmoid: (z) => 1 / (1 + Math.exp(-z)),
    elu: (z) => (z > 0 ? z : Math.expm1(z)),
    leakyrelu: (z) => (z > 0 ? z : 0.3 * z),
    prelu: (z) => z,
  };

  test.each(Object.keys(activations))('%s follows every product and its bias', (activation) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const [batch, m, k, n] of [
          [1, 13, 100, 21],
          [3, 4, 60, 9],
          [2, 1, 5, 4],
          [1, 5, 0, 3],
        ] as const) {
          const a = noise([batch, ...flip(transposeA, m, k)], 11);
          const b = noise([batch, ...flip(transposeB, k, n)], 12);
          const bias = noise([n], 13).data.map((x) => x * 10);
          const slope = noise([n], 14).data;
          const { values } = reference(a, b, transposeA, transposeB, [batch]);
          tidy(() => {
            const y = fused.matMul({
              a: tensor(a.data, a.shape),
              b: tensor(b.data, b.shape),
              transposeA,
              transposeB,
              bias: tensor(bias),
              activation: activation as 'relu',
              leakyreluAlpha: 0.3,
              preluActivationWeights: tensor(slope),
            });
            expect(y.shape).toEqual([batch, m, n]);
            for (const [i, actual] of y.dataSync().entries()) {
              const z = values[i]! + bias[i % n]!;
              const expected = activation === 'prelu' && z < 0 ? z * slope[i % n]! : activations[activation]!(z);
              expect(actual).toBeCloseTo(expected, 4);
            }
          });
        }
      }
    }
  });

  test('takes a bias of any shape that broadcasts', () => {
    tidy(() => {
      const [a, b] = [ones([2, 3]), ones([3, 2])];
      const y = (bias: Tensor) => [...fused.matMul({ a, b, bias, activation: 'relu' }).dataSync()];
      expect(y(tensor([1, 2]))).toEqual([4, 5, 4, 5]);
      expect(y(tensor([1, 2], [1, 2]))).toEqual([4, 5, 4, 5]);
      expect(y(tensor([1, -9], [2, 1]))).toEqual([4, 4, 0, 0]);
      expect(y(tensor([7], [1]))).toEqual([10, 10, 10, 10]);
      expect(y(tensor([1, 2, 3, -4], [2, 2]))).toEqual([4, 5, 6, 0]);
    });
  });

  test("tfjs's own kernel adds the bias more than once where a factor is transposed", () => {
    tidy(() => {
      const [a, b, bias] = [ones([1, 100, 4]), ones([1, 100, 4]), tensor([10, 10, 10, 10])];
      const call = { inputs: { a, b, bias }, attrs: { transposeA: true, transposeB: false, activation: 'linear' } };
      const theirs = stockKernel('_FusedMatMul')!.kernelFunc({ ...call, backend: engine().backend });
      const wrong = engine().makeTensorFromTensorInfo(Array.isArray(theirs) ? theirs[0]! : theirs);
      expect(wrong.dataSync()[0]).not.toBe(110);
      expect(fused.matMul({ a, b, bias, transposeA: true }).dataSync()[0]).toBe(110);
    });
  });
});

test('a matrix written in place is seen by the next product', () => {
  tidy(() => {
    const [a, b] = [ones([4, 3]), ones([3, 5])];
    expect(matMul(a, b).dataSync()[0]).toBe(3);
    heap.floats(heap.address(b), 15).fill(2);
    heap.written(b);
    expect(matMul(a, b).dataSync()[0]).toBe(6);
    expect(fused.matMul({ a, b }).dataSync()[0]).toBe(6);
  });
});

/** Two matrices or batches of them that fit, transposed or not; some sizes are 0 or 1. */
const factors = fc
  .record({
    m: fc.nat(9),
    k: fc.nat(70),
    n: fc.nat(20),
    batch: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  })
  .chain(({ m, k, n, batch, transposeA, transposeB }) =>
    fc.record({
      inputs: fc.record({
        a: floats([...batch, ...(transposeA ? [k, m] : [m, k])], 'finite'),
        b: floats([...batch, ...(transposeB ? [n, k] : [k, n])], 'finite'),
      }),
      attrs: fc.constant({ transposeA, transposeB }),
    }),
  );

// At most 70 products of magnitude 100.
kernelProperty('BatchMatMul', factors, { absolute: 7e-3 });
kernelProperty(
  '_FusedMatMul',
  factors.chain(({ inputs, attrs }) => {
    const columns = attrs.transposeB ? inputs.b.shape.at(-2)! : inputs.b.shape.at(-1)!;
    return fc.record({
      inputs: fc.record({ a: fc.constant(inputs.a), b: fc.constant(inputs.b), bias: floats([columns], 'finite') }),
      attrs: fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu').map((activation) => ({
        ...attrs,
        activation,
        leakyreluAlpha: 0.2,
      })),
    });
  }),
  { absolute: 7e-3 },
);
