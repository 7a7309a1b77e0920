import { ConfigError, key, memory } from '@dl/core';
import { mul, tensor, tidy } from '@dl/core/ops';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { type Seq2SeqConfig, type Seq2SeqModel, seq2seq } from '../model';
import { beamSearch, greedySearch, type Hypothesis, sample, scoreTargets } from './index';

const EOS = 3;

/** A model that is not trained, with weights large enough that its tokens are not all alike. */
function make(options: Partial<Seq2SeqConfig> = {}, seed = 0) {
  const model = seq2seq({ source: 11, target: 12, hidden: 6, attention: 'additive', key: key(seed), ...options });
  for (const param of model.parameters().values()) {
    const larger = tidy(() => mul(param.value, 3));
    param.assign(larger);
    larger.dispose();
  }
  return model;
}

const sources = () => ({
  source: tensor([5, 6, 7, 8, 9, 4, 0, 0, 10, 8, 6, 0], [3, 4], 'int32'),
  sourceLengths: [4, 2, 3],
});

const kinds: Record<string, Partial<Seq2SeqConfig>> = {
  plain: { attention: undefined },
  additive: {},
  'attention before': { attend: 'before' },
  'input feeding, two layers, both ways': {
    attention: 'general',
    inputFeeding: 'attentional',
    layers: 2,
    bidirectional: true,
  },
  'GRU with coverage': { cell: 'gru', coverage: true },
  copying: { copy: true, inputFeeding: 'context' },
};

const withCopies = (batch: ReturnType<typeof sources>, kind: string) =>
  kind === 'copying'
    ? { ...batch, copyIds: tensor([5, 12, 7, 8, 13, 4, 0, 0, 10, 12, 6, 0], [3, 4], 'int32'), copySize: 14 }
    : batch;

/** Every target of at most so many of these tokens, with its probability. */
function exhaustive<S extends object>(
  model: Seq2SeqModel<S>,
  tokens: readonly number[],
  longest: number,
): { tokens: number[]; logProb: number }[] {
  let layer: number[][] = [[]];
  const all = [...layer];
  for (let i = 0; i < longest; i++) {
    layer = layer.flatMap((start) => tokens.map((token) => [...start, token]));
    all.push(...layer);
  }
  return tidy(() => {
    const source = tensor(Int32Array.from(all.flatMap(() => [5, 6, 7, 8])), [all.length, 4], 'int32');
    const scores = scoreTargets(model, { source }, all);
    return all.map((target, i) => ({ tokens: target, logProb: scores[i]! })).sort((a, b) => b.logProb - a.logProb);
  });
}

const comparable = (found: readonly Hypothesis[]) => found.map(({ tokens }) => tokens);

onBackends(['wasm', 'cpu'], (backend) => {
  test.each(Object.entries(kinds))(
    '%s: a beam of 1 is greedy, and all scores are those of teacher forcing',
    (kind, o) => {
      using model = make(o);
      const before = memory().numTensors;
      tidy(() => {
        const batch = withCopies(sources(), kind);
        const options = { maxLength: 7, needWeights: o.attention !== undefined || !('attention' in o) };
        const greedy = greedySearch(model, batch, options);
        const [one] = [beamSearch(model, batch, { ...options, beam: 1 })];
        expect(one.map(([best]) => best!.tokens)).toEqual(comparable(greedy));
        for (const [i, [best]] of one.entries()) expect(best!.logProb).toBeCloseTo(greedy[i]!.logProb, 4);

        const beams = beamSearch(model, batch, { ...options, beam: 4, nBest: 4, lengthPenalty: 0.7 });
        for (let rank = 0; rank < 4; rank++) {
          const scores = scoreTargets(
            model,
            batch,
            beams.map((found) => found[rank]!.tokens),
          );
          for (const [i, found] of beams.entries()) {
            const { logProb, score, tokens, weights } = found[rank]!;
            expect(logProb).toBeCloseTo(scores[i]!, 4);
            expect(score).toBeCloseTo(logProb / ((6 + tokens.length) / 6) ** 0.7, 4);
            if (rank > 0) expect(score).toBeLessThanOrEqual(found[rank - 1]!.score);
            if (weights === undefined) continue;
            expect(weights).toHaveLength(tokens.length + 1);
            const length = batch.sourceLengths[i]!;
            for (const row of weights) {
              expect([...row.slice(length)].every((weight) => weight === 0)).toBe(true);
              expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
            }
          }
          expect(new Set(beams[0]!.map(({ tokens }) => tokens.join())).size).toBe(4);
        }
        expect(beams).toHaveLength(3);
      });
      expect(memory().numTensors).toBe(before);
    },
  );

  test('a batch is what its sources are one at a time', () => {
    using model = make({ bidirectional: true });
    tidy(() => {
      const batch = sources();
      const together = beamSearch(model, batch, { beam: 3, nBest: 2, maxLength: 6 });
      const values = batch.source.arraySync() as number[][];
      for (const [i, length] of batch.sourceLengths.entries()) {
        const source = tensor([values[i]!.slice(0, length)], [1, length], 'int32');
        const [alone] = beamSearch(model, { source }, { beam: 3, nBest: 2, maxLength: 6 });
        expect(comparable(alone!)).toEqual(comparable(together[i]!));
        for (const [rank, found] of alone!.entries()) expect(found.score).toBeCloseTo(together[i]![rank]!.score, 4);
      }
    });
  });

  test.each([0, 1, 2])('on a tiny vocabulary it is the exhaustive search (seed %i)', (seed) => {
    using model = make({ target: 24 }, seed);
    const allowed = [4, 5];
    const others = Array.from({ length: 24 }, (_, token) => token).filter((t) => t !== EOS && !allowed.includes(t));
    const all = exhaustive(model, allowed, 3);
    tidy(() => {
      const source = tensor([[5, 6, 7, 8]], [1, 4], 'int32');
      const forbidden = others.map((token) => [token]);
      for (const lengthPenalty of [0, 1]) {
        const [found] = beamSearch(model, { source }, { beam: 20, nBest: 15, maxLength: 3, forbidden, lengthPenalty });
        const scored = all.map((one) => ({
          ...one,
          score: one.logProb / ((6 + one.tokens.length) / 6) ** lengthPenalty,
        }));
        scored.sort((a, b) => b.score - a.score);
        expect(comparable(found!)).toEqual(scored.map(({ tokens }) => tokens));
        for (const [i, { score }] of found!.entries()) expect(score).toBeCloseTo(scored[i]!.score, 4);
      }
    });
  });

  if (backend === 'cpu') return;

  test('lengths, prefixes and forbidden sequences are kept to', () => {
    using model = make({ attention: 'dot' });
    tidy(() => {
      const batch = sources();
      const searches = [
        (options: object) => beamSearch(model, batch, { beam: 4, nBest: 4, ...options }).flat(),
        (options: object) => greedySearch(model, batch, options),
        (options: object) => sample(model, batch, { key: key(1), ...options }),
      ];
      for (const search of searches) {
        for (const { tokens } of search({ minLength: 4, maxLength: 6 })) {
          expect(tokens.length).toBeGreaterThanOrEqual(4);
          expect(tokens.length).toBeLessThanOrEqual(6);
          expect(tokens.some((token) => [0, 2, 3].includes(token))).toBe(false);
        }
        for (const { tokens } of search({ minLength: 6, maxLength: 8, noRepeatNgram: 2 })) {
          const pairs = tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
          expect(new Set(pairs).size).toBe(pairs.length);
        }
        const first = search({ maxLength: 5, minLength: 2 })[0]!.tokens;
        for (const { tokens } of search({ maxLength: 5, minLength: 2, forbidden: [first.slice(0, 2)] })) {
          expect(tokens.join()).not.toContain(first.slice(0, 2).join());
        }
        const prefix = [[7, 8], [9], []];
        for (const [i, { tokens }] of search({ maxLength: 5, prefix }).entries()) {
          const start = prefix[search === searches[0] ? Math.floor(i / 4) : i]!;
          expect(tokens.slice(0, start.length)).toEqual(start);
        }
      }
    });
  });

  test('a search that stops early, and one that pays for what was not looked at', () => {
    using model = make();
    tidy(() => {
      const batch = sources();
      const early = beamSearch(model, batch, { beam: 3, maxLength: 30, earlyStop: true });
      const whole = beamSearch(model, batch, { beam: 3, maxLength: 30 });
      for (const [i, [best]] of whole.entries()) expect(best!.score).toBeGreaterThanOrEqual(early[i]![0]!.score - 1e-6);
      const covered = beamSearch(model, batch, { beam: 4, maxLength: 6, coveragePenalty: 0.5, needWeights: true });
      for (const [i, [best]] of covered.entries()) {
        const { tokens, weights, logProb, score } = best!;
        const spent = weights!.reduce((sum, row) => sum.map((value, j) => value + row[j]!), Array<number>(4).fill(0));
        const penalty = spent
          .slice(0, batch.sourceLengths[i])
          .reduce((sum, value) => sum + Math.log(Math.min(value, 1)), 0);
        expect(score).toBeCloseTo(logProb / ((6 + tokens.length) / 6) ** 0.6 + 0.5 * penalty, 4);
      }
    });
  });

  test('samples follow the probabilities, the temperature and the nucleus', () => {
    using model = make({ attention: undefined, target: 7 });
    tidy(() => {
      const rows = 2000;
      const source = tensor(new Int32Array(rows * 2).fill(5), [rows, 2], 'int32');
      const share = (options: object) => {
        const drawn = sample(model, { source }, { maxLength: 1, key: key(3), ...options });
        return Array.from(
          { length: 7 },
          (_, token) => drawn.filter(({ tokens }) => (tokens[0] ?? EOS) === token).length / rows,
        );
      };
      const one = tensor([[5, 5]], [1, 2], 'int32');
      const chances = [1, EOS, 4, 5, 6].map((token) => {
        const state = model.start({ source: one });
        const { logits } = model.step(tensor([2], [1], 'int32'), state);
        return { token, score: logits.dataSync()[token]! };
      });
      const total = (t: number) => chances.reduce((sum, { score }) => sum + Math.exp(score / t), 0);
      for (const temperature of [1, 0.5]) {
        const shares = share({ temperature });
        for (const { token, score } of chances) {
          expect(shares[token]!).toBeCloseTo(Math.exp(score / temperature) / total(temperature), 1);
        }
      }
      const ranked = [...chances].sort((a, b) => b.score - a.score);
      const two = share({ topK: 2 });
      expect(two.filter((value) => value > 0)).toHaveLength(2);
      const likeliest = Math.exp(ranked[0]!.score) / total(1);
      expect(share({ topP: likeliest * 0.99 })[ranked[0]!.token]).toBe(1);
      const again = sample(model, { source: one }, { key: key(9), maxLength: 5 });
      expect(sample(model, { source: one }, { key: key(9), maxLength: 5 })).toEqual(again);
    });
  });

  test('what cannot be is refused by name', () => {
    using model = make();
    tidy(() => {
      const batch = sources();
      const search = (options: object) => () => beamSearch(model, batch, options);
      expect(search({ beam: 13 })).toThrow(/a beam of 13 is larger than the vocabulary of 12 tokens/);
      expect(search({ beam: 0 })).toThrow(ConfigError);
      expect(search({ nBest: 6 })).toThrow(/a beam of 5 cannot give 6/);
      expect(search({ lengthPenalty: -1 })).toThrow(ConfigError);
      expect(search({ minLength: 4, maxLength: 3 })).toThrow(/no target has such a length/);
      expect(search({ maxLength: 2.5 })).toThrow(ConfigError);
      expect(search({ prefix: [[4], [5]] })).toThrow(/2 prefixes are given for 3 sources/);
      expect(search({ forbidden: [[12]] })).toThrow(/12 is not one of the 12 tokens/);
      const everything = Array.from({ length: 12 }, (_, token) => [token]);
      expect(search({ forbidden: everything })).toThrow(/source 0: no token is allowed at step 0/);
      expect(() => greedySearch(model, batch, { forbidden: everything })).toThrow(/no token is allowed/);
      expect(() => sample(model, batch, { key: key(0), temperature: 0 })).toThrow(/temperature is 0/);
      expect(() => sample(model, batch, { key: key(0), topP: 0 })).toThrow(ConfigError);
      expect(() => scoreTargets(model, batch, [[4]])).toThrow(/1 targets are given for 3 sources/);
    });
  });
});
