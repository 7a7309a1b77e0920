import { type Context, key, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { dropout, ones, type Tensor, tensor, tidy } from '@dl/core/ops';
import { expectClose, layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { GRU, type GRUConfig } from './gru';
import { LSTM, type LSTMConfig } from './lstm';
import type { Recurrent, RecurrentConfig, RecurrentOutput } from './recurrent';
import { RNN } from './rnn';

type Make = (config: RecurrentConfig) => Recurrent<RecurrentOutput>;
const lstm =
  (options: Partial<LSTMConfig>): Make =>
  (config) =>
    new LSTM({ ...config, ...options });
const gru =
  (options: Partial<GRUConfig>): Make =>
  (config) =>
    new GRU({ ...config, ...options });

const variants: Record<string, Make> = {
  'GRU, reset before': gru({ resetAfter: false }),
  'LSTM with layer norm': lstm({ layerNorm: true }),
  'LSTM with peepholes': lstm({ peephole: true }),
  'LSTM with coupled gates': lstm({ coupled: true }),
  'LSTM with everything': lstm({ coupled: true, peephole: true, layerNorm: true, zoneout: { h: 0.1, c: 0.3 } }),
  'LSTM with zoneout': lstm({ zoneout: 0.3 }),
  'GRU with zoneout': gru({ zoneout: 0.3 }),
  'RNN with zoneout': (config) => new RNN({ ...config, zoneout: 0.3 }),
};
const dropped: Record<string, Make> = {
  'LSTM with recurrent dropout': lstm({ recurrentDropout: 0.4 }),
  'LSTM projected, with recurrent dropout': lstm({ recurrentDropout: 0.4, projSize: 2 }),
  'GRU with recurrent dropout': gru({ recurrentDropout: 0.4 }),
  'GRU, reset before, with recurrent dropout': gru({ recurrentDropout: 0.4, resetAfter: false }),
  'RNN with recurrent dropout': (config) => new RNN({ ...config, recurrentDropout: 0.4 }),
};

for (const [name, make] of Object.entries({ ...variants, ...dropped })) {
  layerContract<RecurrentOutput>(name, {
    make: (key) => make({ in: 3, hidden: 4, key }),
    input: [2, 3, 3],
    context: { lengths: [2, 3] },
    tolerance: 1e-2,
  });
}
layerContract<RecurrentOutput>('LSTM with recurrent dropout, recomputed', {
  make: (key) => new LSTM({ in: 2, hidden: 3, recurrentDropout: 0.4, recompute: true, key }),
  input: [2, 5, 2],
});

/** A sequence of one layer in float64, one example at a time, number by number. */
type Vector = number[];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function naive(layer: Recurrent<RecurrentOutput>, x: Vector[], mask: Vector | undefined, zoneout: Vector): Vector[] {
  const state = layer.stateDict();
  const get = (name: string): Vector => [...(state.get(name)?.dataSync() ?? [])];
  const H = layer.hidden;
  const times = (name: string, v: Vector) => {
    const w = get(name);
    const rows = w.length / v.length;
    return Array.from({ length: rows }, (_, r) => v.reduce((sum, value, i) => sum + w[r * v.length + i]! * value, 0));
  };
  const plus = (a: Vector, b: Vector) => a.map((value, i) => value + (b[i] ?? 0));
  const normed = (name: string, v: Vector) => {
    const [scale, shift] = [get(`${name}.weight`), get(`${name}.bias`)];
    if (scale.length === 0) return v;
    const mean = v.reduce((a, b) => a + b, 0) / v.length;
    const deviation = Math.sqrt(v.reduce((sum, value) => sum + (value - mean) ** 2, 0) / v.length + 1e-5);
    return v.map((value, i) => ((value - mean) / deviation) * scale[i]! + shift[i]!);
  };
  let h: Vector = new Array<number>(H).fill(0);
  let c: Vector = h;
  const outputs: Vector[] = [];
  for (const xt of x) {
    const seen = mask ? h.map((value, i) => value * mask[i]!) : h;
    const input = plus(normed('layernorm_i_l0', times('weight_ih_l0', xt)), get('bias_ih_l0'));
    let nextH: Vector;
    let nextC = c;
    if (layer instanceof LSTM) {
      const recurrent = plus(normed('layernorm_h_l0', times('weight_hh_l0', seen)), get('bias_hh_l0'));
      const sums = plus(input, recurrent);
      const gate = (k: number, i: number) => sums[(layer.coupled ? k - 1 : k) * H + i]!;
      const peep = (name: string, i: number, cell: number) => (get(`weight_${name}_l0`)[i] ?? 0) * cell;
      nextC = c.map((cell, i) => {
        const f = sigmoid(gate(1, i) + peep('cf', i, cell));
        const into = layer.coupled ? 1 - f : sigmoid(gate(0, i) + peep('ci', i, cell));
        return f * cell + into * Math.tanh(gate(2, i));
      });
      const shown = normed('layernorm_c_l0', nextC);
      nextH = nextC.map((cell, i) => sigmoid(gate(3, i) + peep('co', i, cell)) * Math.tanh(shown[i]!));
    } else if (layer instanceof GRU) {
      const recurrent = plus(times('weight_hh_l0', seen), get('bias_hh_l0'));
      const r = h.map((_, i) => sigmoid(input[i]! + recurrent[i]!));
      const z = h.map((_, i) => sigmoid(input[H + i]! + recurrent[H + i]!));
      const reset = plus(
        times(
          'weight_hh_l0',
          seen.map((value, i) => r[i]! * value),
        ),
        get('bias_hh_l0'),
      );
      const n = h.map((_, i) =>
        Math.tanh(input[2 * H + i]! + (layer.resetAfter ? r[i]! * recurrent[2 * H + i]! : reset[2 * H + i]!)),
      );
      nextH = h.map((before, i) => (1 - z[i]!) * n[i]! + z[i]! * before);
    } else {
      const recurrent = plus(times('weight_hh_l0', seen), get('bias_hh_l0'));
      nextH = h.map((_, i) => Math.tanh(input[i]! + recurrent[i]!));
    }
    const [stayH = 0, stayC = 0] = zoneout;
    h = nextH.map((value, i) => stayH * h[i]! + (1 - stayH) * value);
    c = nextC.map((value, i) => stayC * c[i]! + (1 - stayC) * value);
    outputs.push(h);
  }
  return outputs;
}

/** Weights in which nothing is 0 or 1, so that all of them matter. */
function stir(layer: Recurrent<RecurrentOutput>): void {
  for (const [name, param] of layer.parameters()) param.assign(key(7).child(name).normal(param.size, { std: 0.5 }));
}

onBackends(['wasm', 'cpu'], () => {
  const x = key(3).normal([6, 3]);
  const rows = Array.from({ length: 6 }, (_, t) => [...x.subarray(3 * t, 3 * t + 3)]);
  const compare = (layer: Recurrent<RecurrentOutput>, ctx: Context, mask: Vector | undefined, zoneout: Vector) =>
    tidy(() => {
      const { output } = layer.forward(tensor(x, [1, 6, 3]), ctx);
      expectClose(output, tensor([naive(layer, rows, mask, zoneout)]), 1e-5);
    });

  test.each(Object.entries(variants))('%s: what the equations give, number by number', (name, make) => {
    using layer = make({ in: 3, hidden: 5, key: key(1) });
    stir(layer);
    const zoneout = name.includes('everything') ? [0.1, 0.3] : name.includes('zoneout') ? [0.3, 0.3] : [];
    compare(layer, { train: false }, undefined, zoneout);
  });

  test.each(Object.entries(dropped).filter(([name]) => !name.includes('projected')))(
    '%s: the same elements are hidden at every step',
    (_, make) => {
      using layer = make({ in: 3, hidden: 5, key: key(1) });
      stir(layer);
      compare(layer, { train: false }, undefined, []); // in evaluation none
      const random = key(11);
      const mask = tidy(() => [
        ...dropout(ones([1, 5]), { rate: 0.4, key: random.child('').child('mask_l0') }).dataSync(),
      ]);
      expect(new Set(mask).size).toBe(2);
      compare(layer, { train: true, key: random }, mask, []);
    },
  );

  test('zoneout: in training each element stays or moves all the way', () => {
    using layer = new RNN({ in: 3, hidden: 400, zoneout: 0.3, key: key(1) });
    using plain = new RNN({ in: 3, hidden: 400, key: key(1) });
    tidy(() => {
      const input = tensor(x.subarray(0, 3), [1, 1, 3]);
      const h = tensor(key(5).normal([1, 1, 400]), [1, 1, 400]);
      const [moved, zoned] = [
        plain.forward(input, { train: false }, { h }),
        layer.forward(input, { train: true, key: key(2) }, { h }),
      ].map(({ last }) => last.dataSync()) as [Float32Array, Float32Array];
      const before = h.dataSync();
      const stayed = zoned.filter((value, i) => Math.abs(value - before[i]!) < 1e-6).length;
      expect(stayed / 400).toBeGreaterThan(0.2);
      expect(stayed / 400).toBeLessThan(0.4);
      for (const [i, value] of zoned.entries()) {
        expect(Math.min(Math.abs(value - before[i]!), Math.abs(value - moved[i]!))).toBeLessThan(1e-6);
      }
    });
  });

  test('steps, one by one, are the sequence', () => {
    for (const make of Object.values({ ...variants, ...dropped })) {
      using layer = make({ in: 3, hidden: 4, layers: 2, key: key(1) });
      tidy(() => {
        const { output, h } = layer.forward(tensor(x, [1, 6, 3]));
        let state: Parameters<typeof layer.step>[1];
        let last: Tensor | undefined;
        for (const row of rows) ({ output: last, state } = layer.step(tensor([row]), state));
        expectClose(state!.h, h, 1e-5);
        expectClose(last!, tensor([...output.dataSync().slice(-layer.size)], [1, layer.size]), 1e-5);
      });
    }
  });
});

onBackends(['wasm'], () => {
  test('names of the parameters, which survive a file', () => {
    using layer = new LSTM({ in: 2, hidden: 3, layerNorm: true, peephole: true, bidirectional: true, key: key(0) });
    const names = [...layer.parameters().keys()];
    expect(names).toContain('layernorm_i_l0_reverse.weight');
    expect(names).toContain('weight_ci_l0');
    const { tensors } = decodeSafetensors(encodeSafetensors(layer.stateDict()));
    expect([...tensors.keys()].sort()).toEqual(names.sort());
    using coupled = new LSTM({ in: 2, hidden: 3, coupled: true, peephole: true, key: key(0) });
    expect(coupled.parameters().get('weight_ih_l0')!.shape).toEqual([9, 2]);
    expect([...coupled.parameters().keys()]).not.toContain('weight_ci_l0');
  });

  test('chrono: the forget gates begin with times up to the given one', () => {
    using layer = new LSTM({ in: 2, hidden: 50, layers: 2, chrono: 100, key: key(0) });
    for (const name of ['bias_hh_l0', 'bias_hh_l1']) {
      const bias = [...layer.parameters().get(name)!.value.dataSync()];
      const times = bias.slice(50, 100).map(Math.exp);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...times)).toBeLessThanOrEqual(99.01);
      expect(Math.max(...times)).toBeGreaterThan(80);
      for (let i = 0; i < 50; i++) expect(bias[i]).toBeCloseTo(-bias[50 + i]!, 5);
    }
    expect(() => new LSTM({ in: 2, hidden: 3, chrono: 2, key: key(0) })).toThrow(/chrono/);
    expect(() => new LSTM({ in: 2, hidden: 3, chrono: 9, bias: false, key: key(0) })).toThrow(/bias is false/);
  });

  test('rates out of their range, and states that do not fit, are refused', () => {
    expect(() => new LSTM({ in: 2, hidden: 3, recurrentDropout: 1, key: key(0) })).toThrow(/recurrentDropout/);
    expect(() => new GRU({ in: 2, hidden: 3, zoneout: -0.1, key: key(0) })).toThrow(/zoneout/);
    expect(() => new LSTM({ in: 2, hidden: 3, zoneout: { c: 2 }, key: key(0) })).toThrow(/zoneout/);
    using layer = new GRU({ in: 2, hidden: 3, key: key(0) });
    tidy(() => {
      expect(() => layer.step(ones([1, 2]), { h: ones([1, 2, 3]) })).toThrow(ShapeError);
    });
  });
});
