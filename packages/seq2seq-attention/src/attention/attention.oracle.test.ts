import { key, Module } from '@dl/core';
import { functional } from '@dl/core/nn';
import { add, cast, grads, mul, sub, sum, type Tensor, tidy, withComposedOps } from '@dl/core/ops';
import { expectGolden, type OracleCase, onBackends, readOracle, tensorOf } from '@dl/testing';
import { test } from 'vitest';
import { AdditiveAttention, type Attention, LuongAttention, type LuongScore, MultiHeadAttention } from './index';

/** A layer, what its parameters are called in the file, and how it is run on the inputs of the file. */
interface Subject {
  layer: Module<never, unknown>;
  /** Parameter of the layer by input of the file. */
  names: Record<string, string>;
  run: (given: Record<string, Tensor>) => Record<string, Tensor>;
}

function comparing({ inputs, params }: OracleCase): Subject {
  const { score, lengths } = params as { score: LuongScore | 'bahdanau'; lengths: number[] | null };
  const [queryDim, keyDim] = [inputs.query!.shape[2]!, inputs.keys!.shape[2]!];
  const layer: Attention =
    score === 'bahdanau'
      ? new AdditiveAttention({ queryDim, keyDim, hidden: inputs.v!.shape[0]!, key: key(0) })
      : new LuongAttention({ queryDim, keyDim, score, ...(inputs.v && { hidden: inputs.v.shape[0]! }), key: key(0) });
  return {
    layer,
    names:
      score === 'bahdanau'
        ? { Wq: 'query.weight', b: 'query.bias', Wk: 'key.weight', v: 'v' }
        : { ...(inputs.W && { W: 'weight' }), ...(inputs.v && { v: 'v' }) },
    run: ({ query, keys, values }) => {
      const input = { query: query!, key: keys!, value: values!, ...(lengths && { keyLengths: lengths }) };
      const { output, weights } = layer.forward(input);
      return { context: output, weights };
    },
  };
}

function multiHead({ params }: OracleCase): Subject {
  const { heads, embed, kdim, vdim, bias } = params as Record<'heads' | 'embed' | 'kdim' | 'vdim', number> & {
    bias: boolean;
  };
  const layer = new MultiHeadAttention({ dim: embed, heads, kdim, vdim, bias, key: key(0) });
  return {
    layer,
    names: Object.fromEntries([...layer.parameters().keys()].map((name) => [name, name])),
    run: ({ query, key: keys, value, attn_mask, key_padding_mask }) => {
      const padding = key_padding_mask && sub(1, cast(key_padding_mask, 'float32'));
      const mask = attn_mask?.dtype === 'bool' ? cast(sub(1, cast(attn_mask, 'float32')), 'bool') : attn_mask;
      const input = { query: query!, ...(keys && { key: keys }), ...(value && { value }), mask, keyMask: padding };
      const { weights } = layer.forward({ ...input, needWeights: true });
      return { y: layer.forward(input).output, weights: weights! };
    },
  };
}

/** Outputs and all gradients of a golden case. */
function check(golden: OracleCase): void {
  const { layer, names, run } = golden.op === 'attention' ? comparing(golden) : multiHead(golden);
  const wrapped = new (class extends Module<Record<string, Tensor>, Record<string, Tensor>> {
    override *members() {
      yield* layer.members();
    }
    forward(x: Record<string, Tensor>) {
      return run(x);
    }
    outputShape() {
      return [];
    }
  })();
  tidy(() => {
    const all = Object.entries(golden.inputs);
    const values = all.map(([, value]) => tensorOf(value));
    const outputsOf = (given: readonly Tensor[]) => {
      const byName = Object.fromEntries(all.map(([name], i) => [name, given[i]!]));
      const params = new Map(Object.entries(names).map(([name, own]) => [own, byName[name]!]));
      return functional(wrapped).apply(params, byName);
    };
    const outputs = outputsOf(values);
    for (const [name, reference] of Object.entries(golden.outputs)) {
      expectGolden(outputs[name]!, reference, golden.f32_noise?.[name], name);
    }
    const floats = all.flatMap(([name], i) => (golden.grads![name] ? [i] : []));
    const loss = (...given: Tensor[]) => {
      const inputs = values.map((value, i) => (floats.includes(i) ? given[floats.indexOf(i)]! : value));
      const terms = Object.entries(outputsOf(inputs)).map(([name, value]) =>
        sum(mul(value, tensorOf(golden.grad_outputs![name]!))),
      );
      return terms.reduce((a, b) => add<Tensor>(a, b));
    };
    for (const [at, gradient] of grads(loss)(floats.map((i) => values[i]!)).entries()) {
      const name = all[floats[at]!]![0];
      expectGolden(gradient, golden.grads![name]!, golden.f32_noise?.[`grad:${name}`], `gradient of ${name}`);
    }
  });
  layer.dispose();
}

onBackends(['wasm', 'cpu'], (backend) => {
  for (const group of ['attention', 'multihead_attention']) {
    for (const golden of readOracle('torch', group).cases) {
      test(golden.name, () => check(golden));
      if (backend === 'wasm') test(`${golden.name} composed`, () => withComposedOps(() => check(golden)));
    }
  }
});
