import '@tensorflow/tfjs-backend-cpu';
import {
  type DataType,
  engine,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../init';
import { sizeOf } from '../shapes';

/** A tensor before it is in a backend. */
export interface Data {
  shape: number[];
  dtype: DataType;
  values: Float32Array | Int32Array | Uint8Array;
}

/** What a kernel is called with. A kernel that takes a list of tensors gets it under the names 0, 1, 2, ... */
export interface KernelCall {
  inputs: Record<string, Data>;
  attrs?: NamedAttrMap;
}

/** What the kernel is held against. */
export interface Expectation {
  /** The expected outputs, computed in float64. By default those of the same kernel on tfjs's cpu backend. */
  reference?: (call: KernelCall) => Data | Data[];
  /** Error that may be made, as a share of the expected number. */
  relative?: number;
  /** Error that may be made besides; it may depend on the inputs. */
  absolute?: number | ((call: KernelCall) => number);
  /** How many calls to try; 200 by default. */
  runs?: number;
}

/**
 * The property test that every override has: on random calls our kernel gives what the reference gives, and leaves no
 * memory behind. NaN has to meet NaN, Infinity Infinity; shapes and types of number have to agree.
 *
 * @example
 * ```ts
 * kernelProperty('Exp', shapes().chain((shape) => fc.record({ inputs: fc.record({ x: floats(shape) }) })), { relative: 2e-7 });
 * ```
 */
export function kernelProperty(name: string, calls: fc.Arbitrary<KernelCall>, expectation: Expectation = {}): void {
  beforeAll(() => init());
  test(`${name} agrees with ${expectation.reference ? 'a float64 reference' : "tfjs's cpu backend"}`, () => {
    fc.assert(
      fc.property(calls, (call) => {
        const actual = runKernel(name, 'wasm', call);
        const expected = expectation.reference?.(call) ?? runKernel(name, 'cpu', call);
        const [ours, theirs] = [actual, expected].map((data) => (Array.isArray(data) ? data : [data])) as [
          Data[],
          Data[],
        ];
        expect(ours.length, 'number of outputs').toBe(theirs.length);
        for (const [i, data] of ours.entries()) expectSame(data, theirs[i]!, call, expectation);
      }),
      { numRuns: expectation.runs ?? 200 },
    );
  });
}

/** Runs one kernel of a backend on data; frees all that it needs. */
export function runKernel(name: string, backendName: string, { inputs, attrs }: KernelCall): Data | Data[] {
  const backend = engine().findBackend(backendName);
  const before = backend.numDataIds();
  const infos: NamedTensorInfoMap = {};
  for (const [key, { values, shape, dtype }] of Object.entries(inputs)) {
    infos[key] = { dataId: backend.write(values, shape, dtype), shape, dtype };
  }
  const isList = '0' in inputs;
  let data: Data | Data[];
  try {
    const outputs = getKernel(name, backendName).kernelFunc({
      inputs: isList ? (Object.values(infos) as unknown as NamedTensorInfoMap) : infos,
      attrs: attrs ?? {},
      backend,
    });
    data = Array.isArray(outputs) ? outputs.map((info) => read(backend, info)) : read(backend, outputs);
  } finally {
    for (const info of Object.values(infos)) backend.disposeData(info!.dataId);
  }
  expect(backend.numDataIds(), `${name} on ${backendName}: tensors left behind`).toBe(before);
  return data;
}

function read(backend: KernelBackend, { dataId, shape, dtype }: TensorInfo): Data {
  const values = (backend.readSync(dataId) as Data['values']).slice();
  backend.disposeData(dataId);
  return { shape, dtype, values };
}

/** Twice the smallest step of float32: no relative error holds among the denormal numbers. */
const DENORMAL = 3e-45;

function expectSame(actual: Data, expected: Data, call: KernelCall, { relative = 0, absolute = 0 }: Expectation): void {
  expect(actual.shape, 'shape').toEqual(expected.shape);
  expect(actual.dtype, 'dtype').toBe(expected.dtype);
  const allowed = typeof absolute === 'function' ? absolute(call) : absolute;
  for (let i = 0; i < expected.values.length; i++) {
    const [a, b] = [actual.values[i]!, expected.values[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b)) || a === Math.fround(b)) continue;
    const bound = allowed + relative * Math.abs(b) + DENORMAL;
    if (!(Math.abs(a - b) <= bound)) expect.fail(`element ${i} is ${a}, expected ${b} within ${bound}`);
  }
}

/** Shapes of `minRank` to `maxRank` axes; sizes 0 and 1 are among them, and sizes that 4 and 16 do not divide. */
export function shapes({ minRank = 0, maxRank = 4, maxSize = 9 } = {}): fc.Arbitrary<number[]> {
  const size = fc.oneof({ weight: 1, arbitrary: fc.constantFrom(0, 1) }, { weight: 9, arbitrary: fc.nat(maxSize) });
  const long = fc.integer({ min: 0, max: 700 }).map((n) => [...Array<number>(Math.max(0, minRank - 1)).fill(1), n]);
  const several = fc.array(size, { minLength: minRank, maxLength: maxRank });
  return maxRank < 1 ? several : fc.oneof({ weight: 1, arbitrary: long }, { weight: 4, arbitrary: several });
}

/** Which float32 numbers a tensor holds. */
export type Range = 'any' | 'finite' | 'positive';

/**
 * A float tensor: numbers about 0 with ties among them; `any` also brings NaN, both infinities, both zeros, huge and
 * tiny numbers.
 */
export function floats(shape: number[], range: Range = 'any'): fc.Arbitrary<Data> {
  return fc.record({ seed: fc.nat(), wild: fc.boolean() }).map(({ seed, wild }) => {
    const random = generator(seed);
    const values = Float32Array.from({ length: sizeOf(shape) }, () => {
      if (wild && range === 'any' && random() < 0.1) return SPECIAL[Math.floor(random() * SPECIAL.length)]!;
      const value = random() < 0.2 ? Math.round(random() * 4 - 2) : (random() - 0.5) * 20;
      return range === 'positive' ? Math.abs(value) + 0.1 : value;
    });
    return { shape, dtype: 'float32' as const, values };
  });
}

const SPECIAL = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  3e38,
  -3e38,
  1e-40, // a denormal
  88.8,
  -100,
];

/** A tensor of integers from `min` to `max`. */
export function integers(shape: number[], min: number, max: number): fc.Arbitrary<Data> {
  return fc.nat().map((seed) => {
    const random = generator(seed);
    const values = Int32Array.from({ length: sizeOf(shape) }, () => min + Math.floor(random() * (max - min + 1)));
    return { shape, dtype: 'int32' as const, values };
  });
}

/** A tensor of booleans. */
export function booleans(shape: number[]): fc.Arbitrary<Data> {
  return integers(shape, 0, 1).map(({ values }) => ({
    shape,
    dtype: 'bool' as const,
    values: Uint8Array.from(values),
  }));
}

/** A tensor of any type that lies in the heap. */
export function numbers(shape: number[]): fc.Arbitrary<Data> {
  return fc.oneof(floats(shape), integers(shape, -1000, 1000), booleans(shape));
}

/** `count` shapes that broadcast with each other: some axes are 1, some leading axes absent. */
export function broadcastable(count: number): fc.Arbitrary<number[][]> {
  return shapes().chain((shape) =>
    fc.tuple(
      ...Array.from({ length: count }, () =>
        fc
          .record({
            drop: fc.oneof(fc.constant(0), fc.nat(shape.length)),
            ones: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: shape.length, maxLength: shape.length }),
          })
          .map(({ drop, ones }) => shape.map((size, d) => (ones[d] === 0 ? 1 : size)).slice(drop)),
      ),
    ),
  );
}

/** Mulberry32: enough for test data, and shrinking then works on the shape, not on every number. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
