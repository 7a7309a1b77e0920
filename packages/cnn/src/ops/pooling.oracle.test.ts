import { grads, type Tensor, tensor, tidy, transpose, withComposedOps } from '@dl/core/ops';
import { expectGolden, expectNoLeaks, type OracleTensor, onBackends, readOracle } from '@dl/testing';
import { test } from 'vitest';
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  type InterpolateOptions,
  interpolate,
  maxPool2d,
  type Padding,
} from './index';

const load = ({ data, shape }: OracleTensor) => tensor(data, shape, 'float32');

interface Params {
  kernel: [number, number];
  stride: [number, number];
  padding: 'valid' | 'same' | 'explicit';
  pad: [number, number];
  ceil_mode?: boolean;
  count_include_pad?: boolean;
  output_size: [number, number];
  size: [number, number];
  mode: 'nearest' | 'bilinear';
  align_corners?: boolean;
}

const windows = ({ kernel, stride, padding, pad, ceil_mode = false }: Params) => {
  const named: Padding = padding === 'explicit' ? pad : padding;
  return { kernel, stride, padding: named, ceil: ceil_mode };
};

const ops: Record<string, (x: Tensor, params: Params) => Tensor> = {
  max_pool2d: (x, params) => maxPool2d(x, windows(params)),
  avg_pool2d: (x, params) =>
    avgPool2d(x, {
      ...windows(params),
      ...(params.count_include_pad !== undefined && { countIncludePad: params.count_include_pad }),
    }),
  adaptive_avg_pool2d: (x, { output_size }) => adaptiveAvgPool2d(x, output_size),
  adaptive_max_pool2d: (x, { output_size }) => adaptiveMaxPool2d(x, output_size),
  interpolate: (x, { size, mode, align_corners = false }) =>
    interpolate(x, size, { mode, alignCorners: align_corners } satisfies InterpolateOptions),
};

onBackends(['wasm', 'cpu'], (backend) => {
  for (const golden of readOracle('torch', 'pooling').cases) {
    test.each(backend === 'wasm' ? ['kernels', 'composed'] : ['composed'])(`${golden.name}, %s`, (form) => {
      const params = golden.params as unknown as Params;
      const f = (x: Tensor) => transpose(ops[golden.op]!(transpose(x, [0, 2, 3, 1]), params), [0, 3, 1, 2]);
      const run = () => {
        const x = load(golden.inputs.x!);
        expectGolden(f(x), golden.outputs.y!, golden.f32_noise?.y, 'y');
        const [dx] = grads(f)([x], load(golden.grad_outputs!.y!));
        expectGolden(dx!, golden.grads!.x!, golden.f32_noise?.['grad:x'], 'gradient of x');
      };
      expectNoLeaks(() => tidy(() => (form === 'kernels' ? run() : withComposedOps(run))));
    });
  }
});
