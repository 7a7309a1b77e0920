export { accuracy } from './accuracy';
export type { LabelOptions } from './class-labels';
export { type ClassCounts, ConfusionMatrix, type ConfusionOptions, confusionMatrix } from './confusion-matrix';
export { measure, type NamedMetric } from './named-metric';
export { perplexity } from './perplexity';
export { type AverageOptions, f1, fBeta, precision, recall } from './precision-recall';
export { averagePrecision, averagePrecisionScore, rocAuc, rocAucScore } from './ranking';
export { meanAbsoluteError, meanSquaredError, r2, rootMeanSquaredError } from './regression';
export { topK } from './top-k';
