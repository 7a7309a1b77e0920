import { grads, type Tensor, tensor, tidy, transpose, withComposedOps } from '@dl/core/ops';
import { expectGolden, expectNoLeaks, type OracleTensor, onBackends, readOracle } from '@dl/testing';
import { describe, test } from 'vitest';
import {
  type Conv1dOptions,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv1d,
  conv2d,
  convTranspose2d,
} from './index';

const load = ({ data, shape }: OracleTensor) => tensor(data, shape, 'float32');

interface Params {
  padding: string | [number, number];
  pads: number[];
  stride: number | [number, number];
  dilation: number | [number, number];
  groups: number;
  output_padding?: [number, number];
}

type Op = (x: Tensor, w: Tensor, b?: Tensor) => Tensor;

/** PyTorch's layouts around ours. */
const forms: Record<string, (params: Params) => Op> = {
  conv2d:
    ({ padding, pads, stride, dilation, groups }) =>
    (x, w, b) => {
      const named = padding === 'explicit' ? pads : padding;
      const options = { padding: named, stride, dilation, groups } as Conv2dOptions;
      return transpose(conv2d(transpose(x, [0, 2, 3, 1]), transpose(w, [2, 3, 1, 0]), b, options), [0, 3, 1, 2]);
    },
  conv1d:
    ({ padding, pads, stride, dilation, groups }) =>
    (x, w, b) => {
      const options = { padding: padding === 'explicit' ? pads : padding, stride, dilation, groups } as Conv1dOptions;
      return transpose(conv1d(transpose(x, [0, 2, 1]), transpose(w, [2, 1, 0]), b, options), [0, 2, 1]);
    },
  conv_transpose2d:
    ({ padding, output_padding, stride, dilation, groups }) =>
    (x, w, b) => {
      const options = { padding, outputPadding: output_padding, stride, dilation, groups } as ConvTranspose2dOptions;
      const y = convTranspose2d(transpose(x, [0, 2, 3, 1]), transpose(w, [2, 3, 1, 0]), b, options);
      return transpose(y, [0, 3, 1, 2]);
    },
};

onBackends(['wasm', 'cpu'], (backend) => {
  describe.each(['conv2d', 'conv1d', 'conv_transpose2d'])('%s', (group) => {
    for (const golden of readOracle('torch', group).cases) {
      test.each(backend === 'wasm' ? ['kernels', 'composed'] : ['composed'])(`${golden.name}, %s`, (form) => {
        const op = forms[golden.op]!(golden.params as unknown as Params);
        const given = ['x', 'w', 'b'].filter((name) => golden.inputs[name] !== undefined);
        const run = () => {
          const tensors = given.map((name) => load(golden.inputs[name]!));
          const f = (...[x, w, b]: Tensor[]) => op(x!, w!, b);
          expectGolden(f(...tensors), golden.outputs.y!, golden.f32_noise?.y, 'y');
          for (const [i, gradient] of grads(f)(tensors, load(golden.grad_outputs!.y!)).entries()) {
            const name = given[i]!;
            expectGolden(gradient, golden.grads![name]!, golden.f32_noise?.[`grad:${name}`], `gradient of ${name}`);
          }
        };
        expectNoLeaks(() => tidy(() => (form === 'kernels' ? run() : withComposedOps(run))));
      });
    }
  });
});
