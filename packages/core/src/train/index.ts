export { type EvaluateOptions, evaluate } from './evaluate';
export { fit } from './fit';
export type { FiniteCheck } from './gradient-step';
export type { EpochRecord, ImprovementOptions, Mode } from './history';
export type { Metric, Metrics } from './metric-set';
export * from './metrics';
export type { LossOf, Objective, Selection, TrainingLoss } from './objective';
export { type PredictOptions, predict } from './predict';
export { type ProgressOptions, type ProgressStream, progress } from './progress';
export type {
  CheckpointOptions,
  EpochOptions,
  EpochReport,
  FitOptions,
  Run,
  RunEvents,
  StepReport,
} from './run';
export { type StepResult, type TrainStep, type TrainStepOptions, trainStep } from './train-step';
