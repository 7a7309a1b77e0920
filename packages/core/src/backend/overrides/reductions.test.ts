import fc from 'fast-check';
import { floats, type KernelCall, kernelProperty, type Range, shapes } from './property';

/** Calls that reduce any axes, none, or all; given positive or negative. */
function calls(range: Range, axisName = 'axis', empty = true): fc.Arbitrary<KernelCall> {
  return shapes({ minRank: 1, maxRank: 5, maxSize: 6 })
    .filter((shape) => empty || !shape.includes(0))
    .chain((shape) =>
      fc.record({
        inputs: fc.record({ x: floats(shape, range) }),
        attrs: fc.record({
          [axisName]: fc
            .subarray(shape.map((_, d) => d))
            .chain((axes) => fc.boolean().map((negative) => (negative ? axes.map((d) => d - shape.length) : axes))),
          keepDims: fc.boolean(),
        }),
      }),
    );
}

/** The sum of magnitudes bounds the error of a sum. */
function magnitude({ inputs }: KernelCall): number {
  return (
    1.2e-6 *
    (inputs.x!.values as Float32Array).reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 0)
  );
}

kernelProperty('Sum', calls('finite'), { absolute: magnitude });
kernelProperty('Mean', calls('finite', 'axis', false), { absolute: magnitude });
kernelProperty('Prod', calls('positive'), { relative: 1e-5 });
kernelProperty('Max', calls('any', 'reductionIndices', false));
kernelProperty('Min', calls('any', 'axis', false));

const oneAxis = shapes({ minRank: 1, maxSize: 6 })
  .filter((shape) => !shape.includes(0))
  .chain((shape) =>
    fc.record({
      inputs: fc.record({ x: floats(shape, 'finite') }),
      attrs: fc.record({ axis: fc.nat(shape.length - 1) }),
    }),
  );
kernelProperty('ArgMax', oneAxis);
kernelProperty('ArgMin', oneAxis);
