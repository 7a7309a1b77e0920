export { type CosineOptions, type CosineWarmRestartsOptions, cosine, cosineWarmRestarts } from './cosine';
export { type CyclicOptions, cyclic, type OneCycleOptions, oneCycle } from './cycles';
export {
  type ConstantFactorOptions,
  constant,
  constantFactor,
  type ExponentialOptions,
  exponential,
  type LinearOptions,
  linear,
  type MultiStepOptions,
  multiStep,
  type PolynomialOptions,
  polynomial,
  type StepOptions,
  step,
} from './decay';
export { type ObservingSchedule, type ReduceOnPlateauOptions, reduceOnPlateau } from './reduce-on-plateau';
export type { Schedule } from './schedule';
export { type NoamOptions, noam, warmup } from './warmup';
