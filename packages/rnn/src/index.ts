export type { Cell, CellWeights } from './cells/cell';
export { gruCell } from './cells/gru-cell';
export { lstmCell } from './cells/lstm-cell';
export { type Nonlinearity, rnnCell } from './cells/rnn-cell';
export { GRU } from './gru';
export { LSTM, type LSTMConfig, type LSTMOutput } from './lstm';
export type { Recurrent, RecurrentConfig, RecurrentOutput, RecurrentState } from './recurrent';
export { RNN, type RNNConfig } from './rnn';
export { gru, lstm, type Returns, rnn } from './specs';
