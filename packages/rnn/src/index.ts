export type { Cell, CellWeights } from './cells/cell';
export { gruCell, gruResetBeforeCell } from './cells/gru-cell';
export { lstmCell } from './cells/lstm-cell';
export { type LSTMVariant, lstmVariantCell, type NormWeights } from './cells/lstm-variant-cell';
export { type Nonlinearity, rnnCell } from './cells/rnn-cell';
export { type GradientFlow, type GradientFlowOptions, gradientFlow, type LayerFlow } from './gradient-flow';
export { GRU, type GRUConfig } from './gru';
export { LSTM, type LSTMConfig, type LSTMOutput } from './lstm';
export { Characters } from './models/characters';
export {
  type Backtest,
  Forecaster,
  type ForecasterConfig,
  type ForecasterFitOptions,
  type ForecastInput,
  type ForecastSeries,
} from './models/forecaster';
export { RNNLanguageModel, type RNNLanguageModelConfig, type SampleOptions } from './models/language-model';
export type { RecurrentChoice, RecurrentType } from './models/recurrent-of';
export { type SamplingOptions, tokenProbabilities } from './models/sampling';
export { SequenceClassifier, type SequenceClassifierConfig } from './models/sequence-classifier';
export type { Recurrent, RecurrentConfig, RecurrentOutput, RecurrentState } from './recurrent';
export { RNN, type RNNConfig } from './rnn';
export { gru, lstm, type Returns, rnn } from './specs';
export { type StreamBatch, type StreamOptions, streams } from './training/streams';
export {
  type Piece,
  type TruncatedBackprop,
  truncatedBackprop,
  type Unrollable,
  type Unrolled,
} from './training/truncated-backprop';
