import { key, Module, type Shape, ShapeError } from '@dl/core';
import { argMax, concat, reshape, slice, stack, type Tensor, tensor, tidy } from '@dl/core/ops';
import { expectClose, layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { beamSearch, greedySearch, scoreTargets } from '../search';
import {
  sinusoidalPositions,
  Transformer,
  type TransformerConfig,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from './index';

layerContract('TransformerEncoderLayer', {
  make: (key) => new TransformerEncoderLayer({ dim: 4, heads: 2, hidden: 5, activation: 'gelu', dropout: 0.2, key }),
  input: [2, 3, 4],
  context: { lengths: [3, 1] },
});

/** A decoder layer whose memory is its input. */
class Reading extends Module {
  readonly layer: TransformerDecoderLayer;

  constructor(layer: TransformerDecoderLayer) {
    super();
    this.layer = layer;
  }

  forward(x: Tensor) {
    return this.layer.forward({ x, memory: x });
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

layerContract('TransformerDecoderLayer', {
  make: (key) =>
    new Reading(new TransformerDecoderLayer({ dim: 4, heads: 2, kvHeads: 1, hidden: 5, relative: 2, key })),
  input: [2, 3, 4],
  wrong: [],
});

const batchOf = () => ({
  source: tensor([5, 6, 7, 8, 9, 4, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0], [4, 4], 'int32'),
  sourceLengths: [4, 2, 1, 0],
  target: tensor([2, 4, 5, 2, 6, 4, 2, 7, 7, 2, 4, 4], [4, 3], 'int32'),
});
const make = (options: Partial<TransformerConfig> = {}) =>
  new Transformer({ source: 12, target: 12, dim: 8, heads: 2, layers: 2, key: key(0), ...options });

const kinds: Record<string, Partial<TransformerConfig>> = {
  sinusoidal: {},
  rotary: { positions: 'rotary', tied: false },
  'relative, keys shared': { positions: 'relative', kvHeads: 1, tied: 'all' },
};

onBackends(['wasm', 'cpu'], () => {
  test.each(Object.entries(kinds))('%s: step by step it is the whole, alone or in a batch', (_, options) => {
    using model = make(options);
    tidy(() => {
      const batch = batchOf();
      const { logits } = model.forward(batch);
      let state = model.start(batch);
      const steps: Tensor[] = [];
      for (let t = 0; t < 3; t++) {
        const step = model.step(reshape(slice(batch.target, [0, t], [4, 1]), [4]), state);
        state = step.state;
        steps.push(step.logits);
        const weights = step.weights!.arraySync() as number[][];
        for (const [row, length] of batch.sourceLengths.entries()) {
          expect(weights[row]!.slice(length).every((weight) => weight === 0)).toBe(true);
        }
      }
      expectClose(stack(steps, 1), logits, 3e-5);
      for (const [row, length] of batch.sourceLengths.entries()) {
        const alone = model.forward({
          source: slice(batch.source, [row, 0], [1, Math.max(1, length)]),
          sourceLengths: [length],
          target: slice(batch.target, [row, 0], [1, 3]),
        });
        expectClose(alone.logits, slice(logits, [row, 0, 0], [1, 3, 12]), 3e-5, `row ${row}`);
      }
    });
  });

  test('search: a beam of 1 is greedy, scores are those of teacher forcing', () => {
    using model = make({ positions: 'rotary' });
    tidy(() => {
      const batch = batchOf();
      const greedy = greedySearch(model, batch, { maxLength: 6 });
      const found = beamSearch(model, batch, { maxLength: 6, beam: 1 });
      expect(found.map(([best]) => best!.tokens)).toEqual(greedy.map(({ tokens }) => tokens));
      const wide = beamSearch(model, batch, { maxLength: 6, beam: 4 });
      const scores = scoreTargets(
        model,
        batch,
        wide.map(([best]) => best!.tokens),
      );
      for (const [i, [best]] of wide.entries()) expect(best!.logProb).toBeCloseTo(scores[i]!, 3);
    });
  });

  test('scheduled sampling exchanges tokens for those it would have written', () => {
    using model = make({ dropout: 0 });
    tidy(() => {
      const batch = batchOf();
      const ctx = { train: true, key: key(5) };
      const own = argMax(model.forward(batch, ctx).logits, 2);
      const written = concat([slice(batch.target, [0, 0], [4, 1]), slice(own, [0, 0], [4, 2])], 1);
      const mixed = model.forward({ ...batch, teacherForcing: 0 }, ctx).logits;
      expectClose(mixed, model.forward({ ...batch, target: written }, ctx).logits, 1e-6);
    });
  });
});

test('places as waves', () => {
  const waves = sinusoidalPositions(2, 4, 3);
  const at = (t: number) => [Math.sin(t), Math.cos(t), Math.sin(t / 100), Math.cos(t / 100)];
  for (const [i, value] of [...at(3), ...at(4)].entries()) expect(waves[i]).toBeCloseTo(value, 6);
});

onBackends(['wasm'], () => {
  test('weights have the names of PyTorch', () => {
    using model = make({ layers: 1, tied: false });
    const names = [...model.parameters().keys()];
    const attention = ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias'];
    const pair = (name: string) => [`${name}.weight`, `${name}.bias`];
    const encoder = [
      ...attention.map((name) => `self_attn.${name}`),
      ...['linear1', 'linear2', 'norm1', 'norm2'].flatMap(pair),
    ];
    const decoder = [...encoder, ...attention.map((name) => `multihead_attn.${name}`), ...pair('norm3')];
    expect(names.sort()).toEqual(
      [
        'source.weight',
        'target.weight',
        ...pair('out'),
        ...encoder.map((name) => `encoder.layers.0.${name}`),
        ...decoder.map((name) => `decoder.layers.0.${name}`),
        ...pair('encoder.norm'),
        ...pair('decoder.norm'),
      ].sort(),
    );
  });

  test('what does not fit is refused by name', () => {
    expect(() => make({ heads: 3 })).toThrow(/3 heads do not divide 8 features/);
    expect(() => make({ positions: 'none' as never })).toThrow(/positions is 'none'/);
    expect(() => make({ tied: 'all', source: 13 })).toThrow(/use one vocabulary/);
    using model = make({ maxLength: 3 });
    tidy(() => {
      expect(() => model.forward(batchOf())).toThrow(/source 0 has 4 tokens/);
      expect(() => model.forward({ ...batchOf(), target: tensor([[2]], [1, 1], 'int32') })).toThrow(ShapeError);
    });
  });
});
