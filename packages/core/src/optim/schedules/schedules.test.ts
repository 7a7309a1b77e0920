import { type OracleCase, readOracle } from '@dl/testing';
import { expect, test } from 'vitest';
import { ConfigError } from '../../errors';
import {
  constant,
  constantFactor,
  cosine,
  cosineWarmRestarts,
  cyclic,
  exponential,
  linear,
  multiStep,
  noam,
  oneCycle,
  polynomial,
  reduceOnPlateau,
  type Schedule,
  step,
  warmup,
} from './index';

/** A schedule from PyTorch's name and options. */
const make: Record<string, (options: never) => Schedule> = {
  StepLR: step,
  MultiStepLR: multiStep,
  ExponentialLR: exponential,
  CosineAnnealingLR: cosine,
  CosineAnnealingWarmRestarts: cosineWarmRestarts,
  LinearLR: linear,
  PolynomialLR: polynomial,
  ConstantLR: constantFactor,
  OneCycleLR: oneCycle,
  CyclicLR: cyclic,
  noam,
  ReduceLROnPlateau: reduceOnPlateau,
};

function build({ op, params }: OracleCase): Schedule {
  const options = Object.entries(params).map(([name, value]) => [
    // base_lr is the rate of the optimizer, but for CyclicLR, which has an option of that name.
    name === 'base_lr' && op !== 'CyclicLR' ? 'lr' : camelCase(name),
    value,
  ]);
  const factory = make[op];
  if (factory === undefined) throw new Error(`no schedule for ${op}`);
  return factory(Object.fromEntries(options) as never);
}

/** T_max and step_size as tMax and stepSize. */
function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

test.each(readOracle('torch', 'lr_schedules').cases)('$name', (golden) => {
  const schedule = build(golden);
  const metrics = golden.inputs?.metric as unknown as number[] | undefined;
  expectRates(schedule, golden.outputs.lr!.data, metrics);
});

function expectRates(schedule: Schedule, expected: readonly number[], metrics?: readonly number[]): void {
  for (const [k, lr] of expected.entries()) {
    const error = Math.abs(schedule(k) - lr);
    if (!(error <= 1e-7 * Math.max(lr, 1e-6))) expect.fail(`step ${k}: ${schedule(k)}, expected ${lr}`);
    if (metrics) schedule.observe?.(metrics[k]!);
  }
}

// Values of PyTorch 1.13.
test('cyclic with falling height and different ways up and down', () => {
  expectRates(
    cyclic({ baseLr: 0.01, maxLr: 0.1, stepSizeUp: 3, stepSizeDown: 2, mode: 'exp_range', gamma: 0.9 }),
    [
      0.01, 0.037, 0.0586, 0.07561, 0.0395245, 0.01, 0.02594323, 0.038697814, 0.0487420489, 0.027433922, 0.01,
      0.0194143179,
    ],
  );
});

test('one cycle in three phases of cosines stays at its last rate', () => {
  expectRates(
    oneCycle({ maxLr: 0.1, totalSteps: 10, pctStart: 0.4, threePhase: true, divFactor: 10, finalDivFactor: 100 }),
    [0.01, 0.0325, 0.0775, 0.1, 0.0775, 0.0325, 0.01, 0.007525, 0.002575, 0.0001, 0.0001, 0.0001],
  );
});

test('cosine restarts of equal length', () => {
  expectRates(cosineWarmRestarts({ lr: 0.1, t0: 3 }), [0.1, 0.075, 0.025, 0.1, 0.075, 0.025, 0.1, 0.075]);
});

const metrics = [0.5, 0.5, 0.52, 0.51, 0.515, 0.53, 0.6, 0.6, 0.6, 0.61, 0.6, 0.6, 0.6];
const rates = [0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.001, 0.001, 0.0005, 0.0005, 0.0005, 0.0005];
const plateau = () =>
  reduceOnPlateau({ lr: 0.1, mode: 'max', patience: 1, threshold: 0.05, thresholdMode: 'abs', minLr: 5e-4 });

test('a plateau of a metric that should rise', () => {
  expectRates(plateau(), rates, metrics);
});

test('a plateau goes on from what was saved as JSON, at any point', () => {
  for (let at = 0; at < metrics.length; at++) {
    const first = plateau();
    for (const metric of metrics.slice(0, at)) first.observe(metric);
    const second = plateau();
    second.restore(JSON.parse(JSON.stringify(first.scalars())) as Record<string, number>);
    expectRates(second, rates.slice(at), metrics.slice(at));
  }
});

test('NaN is no improvement', () => {
  const schedule = reduceOnPlateau({ lr: 1, patience: 0, factor: 0.5 });
  schedule.observe(Number.NaN);
  expect(schedule(0)).toBe(0.5);
});

test('warm-up rises to the first rate of the schedule after it', () => {
  expectRates(
    warmup(linear({ lr: 1, startFactor: 0.8, endFactor: 0, totalIters: 4 }), { steps: 3 }),
    [0.2, 0.4, 0.6, 0.8, 0.6, 0.4, 0.2, 0, 0],
  );
  expectRates(warmup(0.5, { steps: 1 }), [0.25, 0.5, 0.5]);
  expectRates(warmup(constant(2), { steps: 0 }), [2, 2]);
});

test('warm-up passes results on', () => {
  const schedule = warmup(reduceOnPlateau({ lr: 1, patience: 0, factor: 0.5 }), { steps: 2 });
  schedule.observe?.(1);
  schedule.observe?.(1);
  expect(schedule(5)).toBe(0.5);
  const again = warmup(reduceOnPlateau({ lr: 1, patience: 0, factor: 0.5 }), { steps: 2 });
  again.restore?.(schedule.scalars?.() ?? {});
  expect(again(5)).toBe(0.5);
});

test.each([
  ['a negative rate', () => cosine({ lr: -1, tMax: 10 }), /cosine: lr is -1/],
  ['half a step', () => step({ lr: 1, stepSize: 0.5 }), /step: stepSize is 0.5/],
  ['an unknown mode', () => cyclic({ baseLr: 0, maxLr: 1, mode: 'square' as 'triangular' }), /mode is 'square'/],
  ['a factor that raises', () => reduceOnPlateau({ lr: 1, factor: 2 }), /factor is 2/],
  ['a share above 1', () => oneCycle({ maxLr: 1, totalSteps: 10, pctStart: 30 }), /pctStart is 30/],
])('%s is refused', (_, wrong, message) => {
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(message);
});
