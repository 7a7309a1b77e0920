/**
 * The coefficients that minimise the sum of (y - x w)^2, by the normal equations with a trace of ridge, in float64.
 *
 * @param rows the rows of x; give each a 1 for an intercept
 */
export function leastSquares(rows: readonly (readonly number[])[], y: readonly number[]): number[] {
  const n = rows[0]!.length;
  // [x^T x | x^T y], brought to a diagonal by Gauss and Jordan
  const system = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? 1e-8 : 0)),
    rows.reduce((sum, row, r) => sum + row[i]! * y[r]!, 0),
  ]);
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(system[r]![i]!) > Math.abs(system[pivot]![i]!)) pivot = r;
    [system[i], system[pivot]] = [system[pivot]!, system[i]!];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = system[r]![i]! / system[i]![i]!;
      for (let j = i; j <= n; j++) system[r]![j]! -= factor * system[i]![j]!;
    }
  }
  return system.map((row, i) => row[n]! / row[i]!);
}

/** Root of the mean squared difference. */
export function rmse(forecast: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (forecast[i]! - actual[i]!) ** 2;
  return Math.sqrt(sum / actual.length);
}
