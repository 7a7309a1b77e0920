import { type Key, key, type Module } from '@dl/core';
import { type Tensor, tensor } from '@dl/core/ops';
import { gradientFlow, LSTM, RNN } from '@dl/rnn';

const HIDDEN = 16;
const BATCH = 4;

/** What the reader may change. */
export interface FlowOptions {
  /** Length of the sequences. */
  readonly time: number;
  /** What the weights of the recurrence are multiplied by, in both networks. */
  readonly scale: number;
  /** What the bias of the forget gate of the LSTM begins with. */
  readonly forgetBias: number;
  readonly seed: number;
}

/** The norm of dL/dh_t for each step of the sequence. */
export interface Flows {
  readonly rnn: Float32Array;
  readonly lstm: Float32Array;
}

/** How far back the gradient reaches in two untrained networks of one size that read the same sequences. */
export function flows({ time, scale, forgetBias, seed }: FlowOptions): Flows {
  const from = key(seed);
  const x = tensor(from.child('x').normal([BATCH, time, 1]), [BATCH, time, 1]);
  try {
    return {
      rnn: flow(new RNN({ in: 1, hidden: HIDDEN, key: from.child('weights') }), x, scale),
      lstm: flow(withForgetBias(from.child('weights'), forgetBias), x, scale),
    };
  } finally {
    x.dispose();
  }
}

function withForgetBias(from: Key, value: number): LSTM {
  const layer = new LSTM({ in: 1, hidden: HIDDEN, key: from });
  // Two biases are added up: the second becomes what is missing.
  const [first, second] = ['bias_ih_l0', 'bias_hh_l0'].map((name) => layer.parameters().get(name)!);
  const given = first!.value.dataSync();
  const forget = (i: number) => i >= HIDDEN && i < 2 * HIDDEN;
  second!.assign(Float32Array.from(second!.value.dataSync(), (b, i) => (forget(i) ? value - given[i]! : b)));
  return layer;
}

function flow(layer: RNN | LSTM, x: Tensor, scale: number): Float32Array {
  const recurrent = layer.parameters().get('weight_hh_l0')!;
  recurrent.assign(Float32Array.from(recurrent.value.dataSync(), (w) => w * scale));
  try {
    return gradientFlow(layer as Module<Tensor, { last: Tensor }>, x).layers[0]!.norms;
  } finally {
    layer.dispose();
  }
}
