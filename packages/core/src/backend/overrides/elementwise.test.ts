import { backend_util } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { sizeOf, stridesOf } from '../shapes';
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

kernelProperty('Sqrt', x);
kernelProperty('Rsqrt', x, { relative: 1.2e-7 });
kernelProperty('Sign', x, { reference: map((v) => (v > 0 ? 1 : v < 0 ? -1 : v === 0 ? 0 : Number.NaN)) });
kernelProperty('Selu', x, { relative: 7e-7 });
kernelProperty(
  'LeakyRelu',
  x.chain((call) =>
    fc.record({ inputs: fc.constant(call.inputs), attrs: fc.record({ alpha: fc.constantFrom(0, 0.25, 2) }) }),
  ),
);

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

for (const name of ['LogicalAnd', 'LogicalOr']) {
  kernelProperty(
    name,
    broadcastable(2).chain(([a, b]) => fc.record({ inputs: fc.record({ a: booleans(a!), b: booleans(b!) }) })),
  );
}

/** f(a, b) in float64 with NumPy's broadcasting. */
function broadcast(f: (a: number, b: number) => number, a: Data, b: Data): Data {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const steps = [a, b].map((data) => [
    ...Array<number>(shape.length - data.shape.length).fill(0),
    ...stridesOf(data.shape),
  ]);
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const at = [0, 0];
    for (let d = shape.length - 1, rest = i; d >= 0; rest = Math.floor(rest / shape[d]!), d--) {
      for (const k of [0, 1]) at[k]! += (rest % shape[d]!) * steps[k]![d]!;
    }
    return f(a.values[at[0]!]!, b.values[at[1]!]!);
  });
  return { shape, dtype: 'float32', values };
}

/** C's pow, which unlike JavaScript's gives 1 for 1^y and (-1)^Infinity. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) ? 1 : x ** y;
}

kernelProperty(
  'Pow',
  broadcastable(2).chain(([a, b]) => {
    const exponents = fc.oneof(
      floats(b!),
      integers(b!, -4, 4).map(({ shape, values }) => ({
        shape,
        dtype: 'float32' as const,
        values: Float32Array.from(values, (v) => v / 2),
      })),
    );
    return fc.record({ inputs: fc.record({ a: floats(a!), b: exponents }) });
  }),
  {
    reference: ({ inputs: { a, b } }) => broadcast(power, a!, b!),
    relative: 2e-7,
  },
);
