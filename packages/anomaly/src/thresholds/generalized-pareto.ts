/** A generalised Pareto distribution of what lies above a limit: P(excess > x) = (1 + shape x / scale)^(-1 / shape). */
export interface GeneralizedPareto {
  /** 0: exponential; above: a heavy tail; below: the tail ends at -scale / shape. scipy's `genpareto` c. */
  readonly shape: number;
  readonly scale: number;
}

/** Steps of the search for roots on either side. */
const GRID = 64;

/**
 * The generalised Pareto distribution under which these excesses are most likely: Grimshaw's reduction to one unknown,
 * theta = shape / scale. Each stationary point of the likelihood is a root of u(theta) v(theta) = 1 with
 * u = mean 1 / (1 + theta x), v = 1 + mean ln(1 + theta x); the most likely of them is taken, the exponential among them.
 *
 * Shapes below -1 are left out: there the likelihood has no maximum. Grimshaw (1993); its use in Siffer et al., Anomaly Detection in Streams with Extreme Value Theory (2017).
 *
 * @param excesses above 0, at least one
 */
export function fitGeneralizedPareto(excesses: ArrayLike<number>): GeneralizedPareto {
  const x = Float64Array.from(excesses).sort();
  const [smallest, largest] = [x[0]!, x.at(-1)!];
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const candidates: GeneralizedPareto[] = [{ shape: 0, scale: mean }];
  const likelihoodEquation = (theta: number) => {
    let [inverse, log] = [0, 0];
    for (const value of x) {
      inverse += 1 / (1 + theta * value);
      log += Math.log1p(theta * value);
    }
    return (inverse / x.length) * (1 + log / x.length) - 1;
  };
  // Roots lie between -1 / largest and 2 (mean - smallest) / smallest^2; 0 is always one, and no new candidate.
  const most = Math.min(Math.max((2 * (mean - smallest)) / (smallest * smallest), 10 / mean), 1e8 / mean);
  const steps = Array.from({ length: GRID + 1 }, (_, i) => i / GRID);
  const grid = [
    ...steps.map((step) => (-1 + 1e-8 * 5e7 ** step) / largest),
    ...steps.map((step) => (-0.5 * 2e-6 ** step) / largest),
    ...steps.map((step) => (1e-6 / mean) * (most * mean * 1e6) ** step),
  ];
  let [left, at] = [grid[0]!, likelihoodEquation(grid[0]!)];
  for (const right of grid.slice(1)) {
    const next = likelihoodEquation(right);
    if (at * next < 0 && left * right > 0) {
      const theta = bisect(likelihoodEquation, left, right);
      const shape = x.reduce((sum, value) => sum + Math.log1p(theta * value), 0) / x.length;
      const scale = shape / theta;
      if (scale > 0 && shape >= -1) candidates.push({ shape, scale });
    }
    [left, at] = [right, next];
  }
  return candidates.reduce((best, other) => (logLikelihood(x, other) > logLikelihood(x, best) ? other : best));
}

/** The share of the distribution above an excess. scipy's `genpareto.sf`. */
export function tailProbability({ shape, scale }: GeneralizedPareto, excess: number): number {
  if (shape === 0) return Math.exp(-excess / scale);
  const base = 1 + (shape * excess) / scale;
  return base <= 0 ? 0 : base ** (-1 / shape);
}

/** The excess above which a share of the distribution lies. scipy's `genpareto.isf`. */
export function tailQuantile({ shape, scale }: GeneralizedPareto, share: number): number {
  return shape === 0 ? -scale * Math.log(share) : (scale * Math.expm1(-shape * Math.log(share))) / shape;
}

/** The logarithm of how likely the excesses are. */
function logLikelihood(x: Float64Array, { shape, scale }: GeneralizedPareto): number {
  let sum = -x.length * Math.log(scale);
  for (const value of x) sum -= shape === 0 ? value / scale : (1 + 1 / shape) * Math.log1p((shape * value) / scale);
  return sum;
}

function bisect(of: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const rising = of(low) < 0;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (of(middle) < 0 === rising) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
