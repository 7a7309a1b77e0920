import { requireCount, requireRange } from '../option-range';
import type { Schedule } from './schedule';

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  requireRange('constant', { lr }, 0);
  return () => lr;
}

/** Options of `constantFactor`. */
export interface ConstantFactorOptions {
  lr: number;
  /** What the rate is multiplied with at first. @default 1/3 */
  factor?: number;
  /** For how many steps. @default 5 */
  totalIters?: number;
}

/** A smaller rate for the first steps: lr factor, then lr. PyTorch's `ConstantLR`. */
export function constantFactor(options: ConstantFactorOptions): Schedule {
  const { lr, factor = 1 / 3, totalIters = 5 } = options;
  requireRange('constantFactor', { lr, factor, totalIters }, 0);
  return (step) => (step < totalIters ? lr * factor : lr);
}

/** Options of `step`. */
export interface StepOptions {
  lr: number;
  /** Steps between two falls. */
  stepSize: number;
  /** What the rate is multiplied with. @default 0.1 */
  gamma?: number;
}

/** Falls every `stepSize` steps: lr gamma^floor(step / stepSize). PyTorch's `StepLR`. */
export function step(options: StepOptions): Schedule {
  const { lr, stepSize, gamma = 0.1 } = options;
  requireRange('step', { lr, gamma }, 0);
  requireCount('step', { stepSize });
  return (step) => lr * gamma ** Math.floor(step / stepSize);
}

/** Options of `multiStep`. */
export interface MultiStepOptions {
  lr: number;
  /** The steps at which it falls; one that is listed twice counts twice. */
  milestones: readonly number[];
  /** What the rate is multiplied with. @default 0.1 */
  gamma?: number;
}

/** Falls at given steps: lr gamma^(milestones reached). PyTorch's `MultiStepLR`. */
export function multiStep(options: MultiStepOptions): Schedule {
  const { lr, milestones, gamma = 0.1 } = options;
  requireRange('multiStep', { lr, gamma }, 0);
  return (step) => lr * gamma ** milestones.filter((milestone) => milestone <= step).length;
}

/** Options of `exponential`. */
export interface ExponentialOptions {
  lr: number;
  /** What the rate is multiplied with every step. */
  gamma: number;
}

/** Falls by the same factor every step: lr gamma^step. PyTorch's `ExponentialLR`. */
export function exponential(options: ExponentialOptions): Schedule {
  const { lr, gamma } = options;
  requireRange('exponential', { lr, gamma }, 0);
  return (step) => lr * gamma ** step;
}

/** Options of `linear`. */
export interface LinearOptions {
  lr: number;
  /** What the rate is multiplied with at the start. @default 1/3 */
  startFactor?: number;
  /** What the rate is multiplied with at the end and from then on. @default 1 */
  endFactor?: number;
  /** Steps from the start to the end. @default 5 */
  totalIters?: number;
}

/**
 * A straight line: lr (startFactor + (endFactor - startFactor) min(1, step / totalIters)). PyTorch's `LinearLR`.
 */
export function linear(options: LinearOptions): Schedule {
  const { lr, startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
  requireRange('linear', { lr, startFactor, endFactor }, 0);
  requireCount('linear', { totalIters });
  return (step) => lr * (startFactor + (endFactor - startFactor) * Math.min(1, step / totalIters));
}

/** Options of `polynomial`. */
export interface PolynomialOptions {
  lr: number;
  /** Steps until the rate is 0. @default 5 */
  totalIters?: number;
  /** 1 is a straight line. @default 1 */
  power?: number;
}

/** Falls to 0 as a polynomial: lr (1 - min(1, step / totalIters))^power. PyTorch's `PolynomialLR`. */
export function polynomial(options: PolynomialOptions): Schedule {
  const { lr, totalIters = 5, power = 1 } = options;
  requireRange('polynomial', { lr, power }, 0);
  requireCount('polynomial', { totalIters });
  return (step) => lr * (1 - Math.min(1, step / totalIters)) ** power;
}
