import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { areFloat, elementBytes } from '../dtypes';
import type { Heap } from '../heap';
import { kernels } from '../kernels';
import { collapse, withLoopTable } from '../loop-nest';
import type { Override } from '../override';
import { sizeOf, stridesOf } from '../shapes';

type UnaryKernel = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'erf' | 'softplus';

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

/** The numbers of the kernel `binary`. */
const BINARY = { maximum: 0, minimum: 1, greater: 2, greaterEqual: 3, equal: 4, notEqual: 5 } as const;

/** y = a op b with NumPy's broadcasting. */
function runBinary(heap: Heap, op: keyof typeof BINARY, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const y = heap.allocate(shape, op === 'maximum' || op === 'minimum' ? 'float32' : 'bool');
  if (shape.includes(0)) return y;
  const strides = [a, b].map((input) => {
    const own = stridesOf(input.shape);
    return [...Array<number>(shape.length - own.length).fill(0), ...own];
  });
  const loops = collapse({ sizes: shape, strides });
  // One number: the kernel wants a dimension to walk through.
  const nest = loops.sizes.length > 0 ? loops : { sizes: [1], strides: [[1], [1]] };
  withLoopTable(heap, nest, 4, (table) => {
    kernels.on(heap).binary(BINARY[op], heap.address(a), heap.address(b), heap.address(y), table, nest.sizes.length);
  });
  return y;
}

function binary(name: string, op: keyof typeof BINARY, swapped = false): Override {
  return {
    name,
    reason: 'slow',
    error: 'exact',
    supports: ({ a, b }) => areFloat(a, b),
    run: ({ inputs: { a, b }, heap }) => (swapped ? runBinary(heap, op, b!, a!) : runBinary(heap, op, a!, b!)),
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

/** Functions of every element by itself. */
export const elementwise: readonly Override[] = [
  unary('Exp', 'exp', '2e-7 relative'),
  unary('Expm1', 'expm1', '5e-7 relative'),
  unary('Log', 'log', '1.5e-7 relative'),
  unary('Log1p', 'log1p', '2.5e-7 relative'),
  unary('Tanh', 'tanh', '4e-7 absolute'),
  unary('Erf', 'erf', '4e-7 absolute'),
  unary('Softplus', 'softplus', '4e-7 relative'),
  binary('Maximum', 'maximum'),
  binary('Minimum', 'minimum'),
  binary('Greater', 'greater'),
  binary('GreaterEqual', 'greaterEqual'),
  binary('Less', 'greater', true),
  binary('LessEqual', 'greaterEqual', true),
  binary('Equal', 'equal'),
  binary('NotEqual', 'notEqual'),
  select,
];
