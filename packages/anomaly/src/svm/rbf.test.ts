import { expect, test } from 'vitest';
import { withKernels } from '../memory/kernels';

test('e^(-gamma d^2) in float64, over its whole range', () => {
  const points = Float64Array.of(0, 1e-9, 0.1, 0.5, 1, 1.7, 3, 8, 20, 26, 26.7, 40, 1e9);
  const n = points.length;
  const sums = withKernels((kernels, lease) => {
    const x = lease.put(points);
    const packed = lease.bytes(kernels.panelBytes(1, 1));
    kernels.packRows(1, 1, lease.put(Float64Array.of(0)), packed);
    const [norms, weights] = [lease.put(new Float64Array(4)), lease.put(Float64Array.of(1, 0, 0, 0))];
    const out = lease.bytes(n * 8);
    kernels.rbfSums(n, 1, 1, x, packed, norms, weights, 1, out, lease.bytes(256));
    return lease.float64(out, n);
  });
  for (let i = 0; i < n; i++) {
    const expected = Math.exp(-points[i]! * points[i]!);
    if (expected > 1e-300) expect(Math.abs(sums[i]! / expected - 1)).toBeLessThan(4e-16 * Math.max(4, points[i]! ** 2));
    else expect(sums[i]).toBeLessThan(1e-300);
  }
  expect(sums[0]).toBe(1);
});
