import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { areFloat, elementBytes } from '../dtypes';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import type { Kernels } from '../kernels.generated';
import { collapse, withLoopTable } from '../loop-nest';
import type { Override } from '../override';
import { sizeOf, stridesOf } from '../shapes';

type Unary = (x: number, y: number, n: number) => void;
type UnaryKernel = { [K in keyof Kernels]: Kernels[K] extends Unary ? K : never }[keyof Kernels];

function unary(name: string, kernel: UnaryKernel, error: string): Override {
  return {
    name,
    reason: 'slow',
    error,
    supports: ({ x }) => areFloat(x),
    run({ inputs: { x }, heap }) {
      const y = heap.allocate(x!.shape);
      kernels.on(heap)[kernel](heap.address(x!), heap.address(y), sizeOf(x!.shape));
      return y;
    },
  };
}

const leakyRelu: Override = {
  name: 'LeakyRelu',
  reason: 'slow',
  error: 'exact',
  supports: ({ x }) => areFloat(x),
  run({ inputs: { x }, attrs, heap }) {
    const y = heap.allocate(x!.shape);
    kernels.on(heap).leakyRelu(heap.address(x!), heap.address(y), sizeOf(x!.shape), attrs.alpha as number);
    return y;
  },
};

/** The numbers of the kernel `binary`, and what comes out. */
const BINARY = {
  maximum: { code: 0, dtype: 'float32' },
  minimum: { code: 1, dtype: 'float32' },
  greater: { code: 2, dtype: 'bool' },
  greaterEqual: { code: 3, dtype: 'bool' },
  equal: { code: 4, dtype: 'bool' },
  notEqual: { code: 5, dtype: 'bool' },
  power: { code: 6, dtype: 'float32' },
  and: { code: 7, dtype: 'bool' },
  or: { code: 8, dtype: 'bool' },
} as const;

/** y = a op b with NumPy's broadcasting. */
function runBinary(heap: Heap, op: keyof typeof BINARY, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const { code, dtype } = BINARY[op];
  const y = heap.allocate(shape, dtype);
  if (shape.includes(0)) return y;
  const strides = [a, b].map((input) => {
    const own = stridesOf(input.shape);
    return [...Array<number>(shape.length - own.length).fill(0), ...own];
  });
  const loops = collapse({ sizes: shape, strides });
  // One number: the kernel wants a dimension to walk through.
  const nest = loops.sizes.length > 0 ? loops : { sizes: [1], strides: [[1], [1]] };
  withLoopTable(heap, nest, elementBytes(a.dtype)!, (table) => {
    kernels.on(heap).binary(code, heap.address(a), heap.address(b), heap.address(y), table, nest.sizes.length);
  });
  return y;
}

function binary(name: string, op: keyof typeof BINARY, { swapped = false, error = 'exact' } = {}): Override {
  return {
    name,
    reason: 'slow',
    error,
    supports: ({ a, b }) => areFloat(a, b),
    run: ({ inputs: { a, b }, heap }) => (swapped ? runBinary(heap, op, b!, a!) : runBinary(heap, op, a!, b!)),
  };
}

function logical(name: string, op: 'and' | 'or'): Override {
  return {
    ...binary(name, op),
    supports: ({ a, b }) => a!.dtype === 'bool' && b!.dtype === 'bool',
  };
}

const select: Override = {
  name: 'Select',
  reason: 'slow',
  error: 'exact',
  // tfjs also takes one condition for each row; its own kernel does that well.
  supports: ({ condition, t, e }) =>
    condition!.dtype === 'bool' &&
    t!.dtype === e!.dtype &&
    elementBytes(t!.dtype) === 4 &&
    sizeOf(condition!.shape) === sizeOf(t!.shape) &&
    sizeOf(e!.shape) === sizeOf(t!.shape),
  run({ inputs: { condition, t, e }, heap }) {
    const y = heap.allocate(t!.shape, t!.dtype);
    const [c, whenTrue, whenFalse] = [condition!, t!, e!].map((input) => heap.address(input)) as [
      number,
      number,
      number,
    ];
    kernels.on(heap).select32(c, whenTrue, whenFalse, heap.address(y), sizeOf(t!.shape));
    return y;
  },
};

/** Functions of every element by itself. tfjs's own sigmoid, ELU, relu and arithmetic are as fast as memory or nearly so. */
export const elementwise: readonly Override[] = [
  unary('Exp', 'exp', '2e-7 relative'),
  unary('Expm1', 'expm1', '5e-7 relative'),
  unary('Log', 'log', '1.5e-7 relative'),
  unary('Log1p', 'log1p', '2.5e-7 relative'),
  unary('Tanh', 'tanh', '4e-7 absolute'),
  unary('Erf', 'erf', '4e-7 absolute'),
  unary('Softplus', 'softplus', '4e-7 relative'),
  unary('Sqrt', 'squareRoot', 'exact'),
  unary('Rsqrt', 'reciprocalRoot', '1.2e-7 relative'),
  unary('Sign', 'sign', 'exact'),
  unary('Selu', 'selu', '6e-7 relative'),
  leakyRelu,
  binary('Pow', 'power', { error: '1.2e-7 relative' }),
  binary('Maximum', 'maximum'),
  binary('Minimum', 'minimum'),
  binary('Greater', 'greater'),
  binary('GreaterEqual', 'greaterEqual'),
  binary('Less', 'greater', { swapped: true }),
  binary('LessEqual', 'greaterEqual', { swapped: true }),
  binary('Equal', 'equal'),
  binary('NotEqual', 'notEqual'),
  logical('LogicalAnd', 'and'),
  logical('LogicalOr', 'or'),
  select,
];
