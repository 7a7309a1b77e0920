import { key } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { functional } from '@dl/core/nn';
import { argMax, concat, grads, reshape, slice, type Tensor, tensor, tidy, withComposedOps, zeros } from '@dl/core/ops';
import { expectClose, expectGolden, type OracleCase, onBackends, readOracle, tensorOf } from '@dl/testing';
import { expect, test } from 'vitest';
import type { LuongScore } from '../attention';
import { Bridge, Decoder, Encoder, EncoderDecoder } from './index';

interface Params {
  lengths: number[];
  attention: 'bahdanau' | LuongScore;
  bidirectional: boolean;
}

/** Parameters of the model by their names in the file; each bias of the file stands for two of a cell, of which one is 0. */
const NAMES: Record<string, string> = {
  src_emb: 'encoder.embedding.weight',
  tgt_emb: 'decoder.embedding.weight',
  enc_W_f: 'encoder.rnn.weight_ih_l0',
  enc_U_f: 'encoder.rnn.weight_hh_l0',
  enc_b_f: 'encoder.rnn.bias_ih_l0',
  enc_W_b: 'encoder.rnn.weight_ih_l0_reverse',
  enc_U_b: 'encoder.rnn.weight_hh_l0_reverse',
  enc_b_b: 'encoder.rnn.bias_ih_l0_reverse',
  bridge_h: 'bridge.h.weight',
  bridge_c: 'bridge.c.weight',
  dec_W: 'decoder.rnn.weight_ih_l0',
  dec_U: 'decoder.rnn.weight_hh_l0',
  dec_b: 'decoder.rnn.bias_ih_l0',
  comb_W: 'decoder.combine.weight',
  comb_b: 'decoder.combine.bias',
  out_W: 'decoder.out.weight',
  out_b: 'decoder.out.bias',
  attn_Wq: 'decoder.attention.query.weight',
  attn_b: 'decoder.attention.query.bias',
  attn_Wk: 'decoder.attention.key.weight',
  attn_W: 'decoder.attention.weight',
  attn_v: 'decoder.attention.v',
};

function modelOf({ inputs, params }: OracleCase): EncoderDecoder {
  const { attention, bidirectional } = params as unknown as Params;
  const hidden = inputs.enc_U_f!.shape[1]!;
  const [num, dim] = inputs.src_emb!.shape as [number, number];
  const encoder = new Encoder({ num, dim, hidden, bidirectional, key: key(0) });
  const width = inputs.attn_v && { hidden: inputs.attn_v.shape[0]! };
  const decoder = new Decoder({
    num: inputs.tgt_emb!.shape[0]!,
    dim: inputs.tgt_emb!.shape[1]!,
    hidden: inputs.dec_U!.shape[1]!,
    memoryDim: encoder.size,
    attention: { score: attention === 'bahdanau' ? 'additive' : attention, ...width },
    inputFeeding: 'context',
    key: key(1),
  });
  const bridge = inputs.bridge_h
    ? new Bridge({ in: hidden, out: decoder.hidden, bidirectional, cells: true, bias: false, key: key(2) })
    : undefined;
  return new EncoderDecoder({ encoder, decoder, bridge });
}

function check(golden: OracleCase): void {
  const { lengths } = golden.params as unknown as Params;
  using model = modelOf(golden);
  tidy(() => {
    const [source, target, wanted] = ['src', 'tgt_in', 'tgt_out'].map((name) => tensorOf(golden.inputs[name]!));
    const names = Object.keys(golden.grads!);
    for (const [name, param] of model.parameters()) if (name.includes('bias_hh')) param.assign(zeros([...param.shape]));
    const own = [...model.parameters().keys()].filter((name) => !name.includes('bias_hh'));
    expect(names.map((name) => NAMES[name]).sort()).toEqual(own.sort());
    const { apply } = functional(model);
    const run = (values: readonly Tensor[]) =>
      apply(new Map(names.map((name, i) => [NAMES[name]!, values[i]!])), {
        source: source!,
        sourceLengths: lengths,
        target: target!,
      });
    const loss = (...values: Tensor[]) => crossEntropy(run(values).logits, wanted!, { ignoreIndex: 0 });
    const given = names.map((name) => tensorOf(golden.inputs[name]!));

    const { logits, weights } = run(given);
    expectGolden(logits, golden.outputs.logits!, golden.f32_noise?.logits, 'logits');
    expectGolden(weights!, golden.outputs.weights!, golden.f32_noise?.weights, 'weights');
    expectGolden(loss(...given), golden.outputs.loss!, golden.f32_noise?.loss, 'loss');
    for (const [i, gradient] of grads(loss)(given).entries()) {
      const name = names[i]!;
      expectGolden(gradient, golden.grads![name]!, golden.f32_noise?.[`grad:${name}`], `gradient of ${name}`);
    }

    // Greedy, with the state cached, a fixed number of steps.
    for (const [i, name] of names.entries()) model.parameters().get(NAMES[name]!)!.assign(given[i]!);
    const [batch, steps] = golden.outputs.greedy_5!.shape as [number, number];
    let state = model.start({ source: source!, sourceLengths: lengths });
    let tokens: Tensor = tensor(new Int32Array(batch).fill(1), [batch], 'int32');
    const written: Tensor[] = [];
    for (let t = 0; t < steps; t++) {
      const step = model.step(tokens, state);
      state = step.state;
      tokens = argMax(step.logits, 1);
      written.push(reshape(tokens, [batch, 1]));
    }
    expectGolden(concat(written, 1), golden.outputs.greedy_5!, 0, 'greedy');

    // The same one at a time.
    for (const [row, length] of lengths.entries()) {
      const alone = model.forward({
        source: slice(source!, [row, 0], [1, length]),
        target: slice(target!, [row, 0], [1, target!.shape[1]!]),
      });
      expectClose(alone.logits, slice(logits, [row, 0, 0], [1, ...logits.shape.slice(1)]), 1e-5, `row ${row}`);
    }
  });
}

onBackends(['wasm', 'cpu'], (backend) => {
  for (const golden of readOracle('torch', 'seq2seq').cases) {
    test(golden.name, () => check(golden));
    if (backend === 'wasm') test(`${golden.name} composed`, () => withComposedOps(() => check(golden)));
  }
});
