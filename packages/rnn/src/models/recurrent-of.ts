import { ConfigError } from '@dl/core';
import { GRU } from '../gru';
import { LSTM } from '../lstm';
import type { Recurrent, RecurrentConfig, RecurrentOutput } from '../recurrent';
import { RNN } from '../rnn';

/** Which recurrent layer a model is built on. */
export type RecurrentType = 'rnn' | 'lstm' | 'gru';

/** What models let one choose of their recurrent layers. */
export interface RecurrentChoice extends Omit<RecurrentConfig, 'in' | 'reverse' | 'bidirectional'> {
  /** The kind of layer. @default 'lstm' */
  type?: RecurrentType;
}

/** The recurrent layers of a model, `where` for errors. */
export function recurrentOf(where: string, type: RecurrentType, config: RecurrentConfig): Recurrent<RecurrentOutput> {
  switch (type) {
    case 'rnn':
      return new RNN(config);
    case 'lstm':
      return new LSTM(config);
    case 'gru':
      return new GRU(config);
    default:
      throw new ConfigError(where, `type must be 'rnn', 'lstm' or 'gru', it is '${String(type)}'`);
  }
}
