import { ConfigError, key } from '@dl/core';
import { Linear, linear, sequential } from '@dl/core/nn';
import { div, grads, ones, slice, square, sum, type Tensor, tensor, tidy } from '@dl/core/ops';
import { expectNoLeaks, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { gradientFlow } from './gradient-flow';
import { LSTM } from './lstm';
import { RNN } from './rnn';
import { lstm } from './specs';

onBackends(['wasm', 'cpu'], () => {
  test('is the gradient by each hidden state: that of the rest of the sequence begun there', () => {
    using layer = new RNN({ in: 2, hidden: 3, key: key(1) });
    const values = key(2).normal([2, 5, 2]);
    using x = tensor(values, [2, 5, 2]);
    const { layers } = expectNoLeaks(() => gradientFlow(layer, x));
    expect(layers.map(({ name }) => name)).toEqual(['l0']);
    tidy(() => {
      for (let t = 0; t < 4; t++) {
        const { h } = layer.forward(slice(x, [0, 0, 0], [2, t + 1, 2]));
        const rest = slice(x, [0, t + 1, 0], [2, 4 - t, 2]);
        const [gradient] = grads((h: Tensor) => {
          const { last } = layer.forward(rest, undefined, { h });
          return div(sum(square(last)), 2);
        })([h]);
        const norm = Math.sqrt(sum(square(gradient!)).dataSync()[0]!);
        expect(layers[0]!.norms[t]).toBeCloseTo(norm, 5);
      }
    });
  });

  test('all layers and directions, in a model', () => {
    using model = sequential({ input: [6, 2], key: key(0) }, [
      lstm({ hidden: 3, layers: 2, bidirectional: true, returns: 'last' }),
      linear({ out: 1 }),
    ]);
    using x = tensor(key(2).normal([2, 6, 2]), [2, 6, 2]);
    const flow = gradientFlow(model, x);
    expect(flow.layers.map(({ name }) => name)).toEqual(['0_l0', '0_l0_reverse', '0_l1', '0_l1_reverse']);
    for (const { norms } of flow.layers) {
      expect(norms.length).toBe(6);
      expect(norms.some((norm) => norm > 0)).toBe(true);
    }
    // The top layer read backwards ends at the first step: the gradient comes in there.
    const [top, back] = flow.layers.slice(-2) as [(typeof flow.layers)[0], (typeof flow.layers)[0]];
    expect(top.norms[5]).toBeGreaterThan(top.norms[0]!);
    expect(back.norms[0]).toBeGreaterThan(back.norms[5]!);
    expect(flow.toString().split('\n').length).toBe(5);
  });
});

onBackends(['wasm'], () => {
  test('fades in a plain network, and hardly in an LSTM that keeps what it has', () => {
    using plain = new RNN({ in: 1, hidden: 16, key: key(1) });
    using gated = new LSTM({ in: 1, hidden: 16, key: key(1) });
    const bias = gated.parameters().get('bias_hh_l0')!;
    bias.assign(Float32Array.from(bias.value.dataSync(), (value, i) => (i >= 16 && i < 32 ? 4 : value)));
    using x = tensor(key(2).normal([4, 60, 1]), [4, 60, 1]);
    const fade = (layer: RNN | LSTM) => {
      const { norms } = gradientFlow<{ last: Tensor }>(layer, x).layers[0]!;
      return norms[0]! / norms[59]!;
    };
    expect(fade(plain)).toBeLessThan(1e-6);
    expect(fade(gated)).toBeGreaterThan(1e-3);
  });

  test('a model without recurrent layers is refused', () => {
    using model = new Linear({ in: 2, out: 1, key: key(0) });
    expect(() => gradientFlow(model, ones([1, 2]))).toThrow(ConfigError);
  });
});
