import { DtypeError, ShapeError } from '@dl/core';
import { add, defineOp, mul, relu, reshape, square, sum, type Tensor } from '@dl/core/ops';
import { kernels } from '../kernels';

type Inputs = { x: Tensor; scale: Tensor; bias: Tensor };

/** [..., features] as [rows, features]. */
const rowsOf = (x: Tensor, { size }: Tensor) => reshape(x, [x.size / size, size]);

const op = defineOp({
  name: 'newLayer',
  forward: ({ x, scale, bias }: Inputs) => add(mul(scale, square(relu(x))), bias),
  backward: ({ x, scale, dy }) => ({
    x: () => mul(mul(2, mul(scale, relu(x))), dy),
    scale: () => sum(rowsOf(mul(square(relu(x)), dy), scale), 0),
    bias: () => sum(rowsOf(dy, scale), 0),
  }),
  kernel: ({ x, scale, bias }, _, heap) => {
    const y = heap.tensor(x.shape);
    const at = (tensor: Tensor) => heap.address(tensor);
    kernels.on(heap).newLayer(at(x), at(scale), at(bias), at(y), x.size / scale.size, scale.size);
    return y;
  },
  backwardKernel: ({ x, scale, dy }, _, heap) => {
    const gradients = { x: heap.tensor(x.shape), scale: heap.tensor(scale.shape), bias: heap.tensor(scale.shape) };
    const [dx, dscale, dbias] = [gradients.x, gradients.scale, gradients.bias].map((tensor) => heap.address(tensor));
    const [rows, features] = [x.size / scale.size, scale.size];
    kernels
      .on(heap)
      .newLayerGradient(heap.address(x), heap.address(scale), heap.address(dy), dx!, dscale!, dbias!, rows, features);
    return gradients;
  },
  saves: ['x', 'scale'],
});

/**
 * The squared rectifier with a learnt scale and bias for each feature: `y = scale max(x, 0)^2 + bias`. StarReLU of Yu et al.
 * 2022, MetaFormer Baselines for Vision.
 *
 * `dx = 2 scale max(x, 0) dy`; `dscale` and `dbias` are the sums of `max(x, 0)^2 dy` and of `dy` over all axes but the last.
 *
 * @param x `[..., features]`, float32
 * @param scale `[features]`
 * @param bias `[features]`
 * @throws DtypeError unless all three are float32
 * @throws ShapeError unless scale and bias have one value for each feature
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { newLayer } from '@dl/new-layer/ops';
 *
 * await init();
 * newLayer(tensor([[-1, 3]]), tensor([2, 2]), tensor([1, 1])).dataSync(); // [1, 19]
 * ```
 */
export function newLayer(x: Tensor, scale: Tensor, bias: Tensor): Tensor {
  for (const [label, tensor] of Object.entries({ input: x, scale, bias })) {
    if (tensor.dtype !== 'float32') {
      throw new DtypeError(`newLayer: the ${label} is ${tensor.dtype}, float32 is needed: cast(x, 'float32')`);
    }
    if (tensor.rank < 1 || tensor.shape.at(-1) !== scale.size || (tensor !== x && tensor.rank !== 1)) {
      throw new ShapeError('newLayer', 'scale and bias must have one value for each feature of the input', [
        { label: 'input', shape: x.shape },
        { label: 'scale', shape: scale.shape },
        { label: 'bias', shape: bias.shape },
      ]);
    }
  }
  return op({ x, scale, bias });
}
