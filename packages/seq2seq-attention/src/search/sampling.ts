import { ConfigError, type Key } from '@dl/core';
import { logSoftmax, type Tensor, tensor, tidy } from '@dl/core/ops';
import type { Seq2SeqModel, SourceBatch } from '../model/seq2seq-model';
import { Constraints, type SearchOptions } from './constraints';
import { type Hypothesis, type Node, tokensOf, weightsOf } from './hypothesis';
import { release } from './state';

/** How tokens are drawn. */
export interface SamplingOptions extends SearchOptions {
  /** Scores are divided by it: below 1 likely tokens become likelier. @default 1 */
  temperature?: number | undefined;
  /** Draws from so many of the likeliest tokens. @default all */
  topK?: number | undefined;
  /** Draws from the likeliest tokens that together have this probability: nucleus sampling. @default 1: all */
  topP?: number | undefined;
  /** Source of the randomness. */
  key: Key;
}

/** Chooses a token by the ln of its probabilities, of which some are -Infinity. */
type Choose = (scores: Float32Array, row: number, step: number) => number;

/**
 * The likeliest token at every step, the state cached; for each source of a batch at once.
 *
 * @returns a hypothesis for each source
 * @throws ConfigError for options that cannot be
 */
export function greedySearch<S extends object>(
  model: Seq2SeqModel<S>,
  batch: SourceBatch,
  options: SearchOptions = {},
): Hypothesis[] {
  return oneByOne('greedySearch', model, batch, options, likeliest);
}

/**
 * Draws the tokens at random: with temperature, from the likeliest (`topK`), or from the nucleus (`topP`, Holtzman et al. 2020).
 * The same key draws the same tokens.
 *
 * @returns a hypothesis for each source, with the probability that the model itself gives it
 * @throws ConfigError for options that cannot be
 */
export function sample<S extends object>(
  model: Seq2SeqModel<S>,
  batch: SourceBatch,
  options: SamplingOptions,
): Hypothesis[] {
  const { temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1, key } = options;
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new ConfigError(
      'sample',
      `temperature is ${temperature}`,
      'give a number above 0; greedySearch is its limit',
    );
  }
  if (!(topK >= 1)) throw new ConfigError('sample', `topK is ${topK}`, 'give a whole number from 1');
  if (!(topP > 0 && topP <= 1)) throw new ConfigError('sample', `topP is ${topP}`, 'give a number above 0, at most 1');
  return oneByOne('sample', model, batch, options, (scores, row, step) => {
    const order = Array.from(scores.keys())
      .filter((token) => scores[token]! > Number.NEGATIVE_INFINITY)
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .slice(0, topK);
    const largest = scores[order[0]!]!;
    const shares = order.map((token) => Math.exp((scores[token]! - largest) / temperature));
    const total = shares.reduce((sum, share) => sum + share, 0);
    let kept = 0;
    for (let sum = 0; kept < shares.length && (kept === 0 || sum < topP * total); kept++) sum += shares[kept]!;
    return order[key.fold(step).fold(row).categorical(shares.slice(0, kept), 1)[0]!]!;
  });
}

const likeliest: Choose = (scores) => {
  let best = 0;
  for (let token = 1; token < scores.length; token++) if (scores[token]! > scores[best]!) best = token;
  return best;
};

function oneByOne<S extends object>(
  where: string,
  model: Seq2SeqModel<S>,
  batch: SourceBatch,
  options: SearchOptions,
  choose: Choose,
): Hypothesis[] {
  const sources = batch.source.shape[0];
  const constraints = new Constraints(where, options, model.targetSize, sources);
  const { bos, eos, needWeights } = constraints;
  const nodes: (Node | undefined)[] = Array.from({ length: sources });
  let live = Array.from({ length: sources }, (_, i) => i);
  let moved: Int32Array | undefined; // rows to go on with, where some have ended
  let state = tidy(() => model.start(batch) as never) as S;
  try {
    for (let step = 0; live.length > 0; step++) {
      const before = state;
      state = tidy(() => {
        const rows: Tensor | undefined = moved && tensor(moved, [moved.length], 'int32');
        const from = rows ? model.select(before, rows, false) : before;
        const last = Int32Array.from(live, (source) => nodes[source]?.token ?? bos);
        const { logits, weights, state: next } = model.step(tensor(last, [live.length], 'int32'), from);
        const scores = logSoftmax(logits).dataSync() as Float32Array;
        const looked = needWeights ? weights?.dataSync() : undefined;
        const size = logits.shape[1]!;
        const time = weights?.shape[1] ?? 0;
        const going: number[] = [];
        for (const [row, source] of live.entries()) {
          const node = nodes[source];
          constraints.apply(scores, row * size, size, node, source);
          const own = scores.subarray(row * size, (row + 1) * size);
          const token = choose(own, source, step);
          if (own[token] === Number.NEGATIVE_INFINITY) throw nothingLeft(where, source, step);
          nodes[source] = {
            token,
            before: node,
            length: step + 1,
            logProb: (node?.logProb ?? 0) + own[token]!,
            weights: looked?.slice(row * time, (row + 1) * time) as Float32Array | undefined,
          };
          if (token !== eos) going.push(row);
        }
        moved = going.length === live.length ? undefined : Int32Array.from(going);
        live = going.map((row) => live[row]!);
        return next as never;
      });
      release(before, state);
    }
  } finally {
    release(state);
  }
  return nodes.map((node) => ({
    tokens: tokensOf(node, eos),
    logProb: node!.logProb,
    score: node!.logProb,
    ...(needWeights && { weights: weightsOf(node) }),
  }));
}

/** The error where every token is forbidden. */
export function nothingLeft(where: string, source: number, step: number): ConfigError {
  return new ConfigError(
    where,
    `source ${source}: no token is allowed at step ${step}`,
    'the prefix, the forbidden sequences or minLength leave nothing',
  );
}
