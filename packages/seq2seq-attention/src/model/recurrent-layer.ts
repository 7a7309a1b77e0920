import { ConfigError } from '@dl/core';
import { zeros } from '@dl/core/ops';
import {
  GRU,
  LSTM,
  type Recurrent,
  type RecurrentConfig,
  type RecurrentOutput,
  type RecurrentState,
  RNN,
} from '@dl/rnn';

/** Which recurrent network reads and writes. */
export type CellKind = 'lstm' | 'gru' | 'rnn';

/** A recurrent layer of a kind. */
export function recurrentLayer(where: string, kind: CellKind, config: RecurrentConfig): Recurrent<RecurrentOutput> {
  switch (kind) {
    case 'lstm':
      return new LSTM(config);
    case 'gru':
      return new GRU(config);
    case 'rnn':
      return new RNN(config);
    default:
      throw new ConfigError(where, `there is no cell '${String(kind)}'`, "it can be 'lstm', 'gru' or 'rnn'");
  }
}

/** The states of an output; cell states where there are any. */
export function statesOf(output: RecurrentOutput): RecurrentState {
  const { h, c } = output as RecurrentOutput & Partial<RecurrentState>;
  return { h, ...(c && { c }) };
}

/** States of zeros. */
export function zeroStates(kind: CellKind, layers: number, batch: number, hidden: number): RecurrentState {
  const shape: [number, number, number] = [layers, batch, hidden];
  return { h: zeros(shape), ...(kind === 'lstm' && { c: zeros(shape) }) };
}
