import fc from 'fast-check';
import { booleans, broadcastable, type Data, floats, integers, kernelProperty, shapes } from './property';

const x = shapes().chain((shape) => fc.record({ inputs: fc.record({ x: floats(shape) }) }));

/** float64, element by element */
function map(f: (x: number) => number) {
  return ({ inputs }: { inputs: Record<string, Data> }): Data => {
    const { shape, values } = inputs.x!;
    return { shape, dtype: 'float32', values: Float32Array.from(values, f) };
  };
}

kernelProperty('Exp', x, { reference: map(Math.exp), relative: 2.5e-7 });
kernelProperty('Expm1', x, { reference: map(Math.expm1), relative: 6e-7 });
kernelProperty('Log', x, { reference: map(Math.log), relative: 2.5e-7 });
kernelProperty('Log1p', x, { reference: map(Math.log1p), relative: 3.5e-7 });
kernelProperty('Tanh', x, { reference: map(Math.tanh), absolute: 5e-7 });
kernelProperty('Erf', x, { absolute: 5e-7 });
kernelProperty('Softplus', x, {
  reference: map((v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))),
  relative: 5e-7,
});

const pair = broadcastable(2).chain(([a, b]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ inputs: fc.record({ a: floats(a!), b: floats(b!) }) }) },
    { weight: 1, arbitrary: fc.record({ inputs: fc.record({ a: integers(a!, -3, 3), b: integers(b!, -3, 3) }) }) },
  ),
);
for (const name of ['Maximum', 'Minimum', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual']) {
  kernelProperty(name, pair);
}

kernelProperty(
  'Select',
  shapes().chain((shape) =>
    fc.record({ inputs: fc.record({ condition: booleans(shape), t: floats(shape), e: floats(shape) }) }),
  ),
);
