import { ConfigError } from '../errors';
import { numericalGradient } from './numerical-gradient';

/** Options of `gradientDescent`. */
export interface GradientDescentOptions {
  /** Learning rate: how far along the gradient. */
  lr: number;
  /** Steps at most. */
  steps: number;
  /** How much of the last move is made again. @default 0 */
  momentum?: number;
  /** The gradient at a point. @default numericalGradient(f, x) */
  gradient?: (x: number[]) => number[];
}

/** A point on the way down. */
export interface DescentPoint {
  x: number[];
  value: number;
}

/** The way down. */
export interface Descent {
  /** Every point, the start included. */
  path: DescentPoint[];
  /**
   * Whether it went wrong, usually because the rate is too high: the value became a million times larger, or not a
   * finite number, where the path stops; or it ends higher than it began.
   */
  diverged: boolean;
}

/** How much larger than at the start the value may become. */
const LIMIT = 1e6;

/**
 * Walks downhill from a point: v = momentum v - lr gradient, x = x + v.
 *
 * @param f the function to make small, of numbers
 * @param x0 where to start
 * @throws ConfigError for an option out of its range, or a gradient of another length than the point
 *
 * @example
 * ```ts
 * import { gradientDescent } from '@dl/core';
 * const { path } = gradientDescent(([x, y]) => x ** 2 + 10 * y ** 2, [3, 1], { lr: 0.05, steps: 100 });
 * path.at(-1); // { x: [0.0001, 0], value: 6e-9 }
 * ```
 */
export function gradientDescent(
  f: (x: number[]) => number,
  x0: readonly number[],
  options: GradientDescentOptions,
): Descent {
  const { lr, steps, momentum = 0, gradient = (x) => numericalGradient(f, x) } = options;
  if (!Number.isFinite(lr)) throw new ConfigError('gradientDescent', `lr is ${lr}`, 'give a number');
  if (!Number.isInteger(steps) || steps < 0) {
    throw new ConfigError('gradientDescent', `steps is ${steps}`, 'give a whole number of at least 0');
  }
  const start = f([...x0]);
  const path: DescentPoint[] = [{ x: [...x0], value: start }];
  let x = [...x0];
  let v = x.map(() => 0);
  for (let k = 0; k < steps; k++) {
    const g = gradient([...x]);
    if (g.length !== x.length) {
      throw new ConfigError('gradientDescent', `the gradient has ${g.length} elements, the point has ${x.length}`);
    }
    v = v.map((velocity, i) => momentum * velocity - lr * g[i]!);
    x = x.map((at, i) => at + v[i]!);
    const value = f([...x]);
    path.push({ x: [...x], value });
    if (!(Math.abs(value - start) <= LIMIT * Math.max(1, Math.abs(start)))) return { path, diverged: true };
  }
  return { path, diverged: !(path.at(-1)!.value <= start) };
}
