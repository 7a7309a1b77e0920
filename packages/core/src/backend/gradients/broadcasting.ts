import {
  backend_util,
  cast,
  type GradConfig,
  greater,
  greaterEqual,
  less,
  lessEqual,
  matMul,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Operations of two tensors whose gradients tfjs refuses when one of the two is broadcast. */
export const broadcasting: readonly GradConfig[] = [
  binary('Maximum', {
    a: (a, b, dy) => mul(dy, cast(greaterEqual(a, b), 'float32')),
    b: (a, b, dy) => mul(dy, cast(less(a, b), 'float32')),
  }),
  binary('Minimum', {
    a: (a, b, dy) => mul(dy, cast(lessEqual(a, b), 'float32')),
    b: (a, b, dy) => mul(dy, cast(greater(a, b), 'float32')),
  }),
  binary('SquaredDifference', {
    a: (a, b, dy) => mul(dy, mul(2, sub(a, b))),
    b: (a, b, dy) => mul(dy, mul(2, sub(b, a))),
  }),
  {
    // C = op(A) op(B): dA = dC op(B)^T, or its transpose; the axes over which a matrix was repeated are summed up.
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], { transposeA, transposeB }) => {
      const [dc, transA, transB] = [dy as Tensor, transposeA as boolean, transposeB as boolean];
      return {
        a: () => sumTo(a!.shape, transA ? matMul(b!, dc, transB, true) : matMul(dc, b!, false, !transB)),
        b: () => sumTo(b!.shape, transB ? matMul(dc, a!, true, transA) : matMul(a!, dc, !transA, false)),
      };
    },
  },
];

type Derivative = (a: Tensor, b: Tensor, dy: Tensor) => Tensor;

function binary(kernelName: string, by: { a: Derivative; b: Derivative }): GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => sumTo(a!.shape, by.a(a!, b!, dy as Tensor)),
      b: () => sumTo(b!.shape, by.b(a!, b!, dy as Tensor)),
    }),
  };
}

/** Adds up the axes along which a tensor of this shape was repeated. */
function sumTo(shape: number[], gradient: Tensor): Tensor {
  const axes = backend_util.getReductionAxes(shape, gradient.shape);
  return axes.length > 0 ? reshape(sum(gradient, axes), shape) : reshape(gradient, shape);
}
