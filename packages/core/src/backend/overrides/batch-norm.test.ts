import fc from 'fast-check';
import { floats, kernelProperty, shapes } from './property';

kernelProperty(
  'FusedBatchNorm',
  shapes({ minRank: 4, maxRank: 4 }).chain((shape) => {
    const channels = [shape[3]!];
    const optional = fc.option(floats(channels, 'finite'), { nil: undefined });
    return fc
      .record({
        x: floats(shape, 'finite'),
        mean: floats(channels, 'finite'),
        variance: floats(channels, 'positive'),
        scale: optional,
        offset: optional,
      })
      .map(({ scale, offset, ...inputs }) => ({
        inputs: { ...inputs, ...(scale && { scale }), ...(offset && { offset }) },
        attrs: { varianceEpsilon: 1e-3 },
      }));
  }),
  { absolute: 1e-4 },
);
