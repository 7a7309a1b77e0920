import { lineChart, table } from 'dl:display';
import { init, key } from '@dl/core';
import { tensor } from '@dl/core/ops';
import { GRU, gradientFlow, LSTM, RNN } from '@dl/rnn';

await init();

const time = 60;
const config = { in: 1, hidden: 16, key: key(0) };
const x = tensor(key(1).normal([4, time, 1]), [4, time, 1]); // [batch, time, features]

const layers = {
  RNN: new RNN(config),
  GRU: new GRU(config),
  LSTM: new LSTM(config),
  // Forget gates that begin open: they keep what they have for up to 60 steps.
  'LSTM, chrono': new LSTM({ ...config, chrono: time }),
};

const decades: Record<string, Float32Array> = {};
const rows = Object.entries(layers).map(([name, layer]) => {
  // The norm of dL/dh_t at every step, where L is half the squared last state.
  const { norms } = gradientFlow(layer, x).layers[0]!;
  decades[name] = norms.map((norm) => Math.log10(Math.max(norm, 1e-30)));
  const perStep = (norms[0]! / norms[time - 1]!) ** (1 / (time - 1));
  return {
    layer: name,
    first: norms[0]!.toExponential(1),
    last: norms[time - 1]!.toExponential(1),
    'factor a step': perStep.toFixed(3),
  };
});

lineChart('Norm of dL/dh, powers of ten', decades, { xLabel: 'step', yLabel: 'log10' });
table('From the last step to the first', rows);
