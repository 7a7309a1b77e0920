import { ConfigError } from '@dl/core';
import { logSoftmax, Tensor, tensor, tidy } from '@dl/core/ops';
import type { Seq2SeqModel, SourceBatch } from '../model/seq2seq-model';
import { Constraints, type SearchOptions } from './constraints';
import { type Hypothesis, type Node, tokensOf, weightsOf } from './hypothesis';
import { nothingLeft } from './sampling';
import { release } from './state';

/** How beam search goes on. */
export interface BeamSearchOptions extends SearchOptions {
  /** Hypotheses that are followed at a time, for each source. @default 5 */
  beam?: number | undefined;
  /** Hypotheses that are given for each source, the best first; at most `beam`. @default 1 */
  nBest?: number | undefined;
  /**
   * The power of the length that scores are divided by, `((5 + length) / 6)^lengthPenalty`: 0 prefers short targets. Wu et al. 2016.
   * @default 0.6
   */
  lengthPenalty?: number | undefined;
  /** Weight of the penalty for source tokens that were not looked at, `sum ln min(attention, 1)`. Wu et al. 2016. @default 0 */
  coveragePenalty?: number | undefined;
  /** Whether to stop at `beam` complete hypotheses, though one that is not complete could still be better. @default false */
  earlyStop?: boolean | undefined;
}

/** What is known of one source. */
interface Beam {
  source: number;
  live: Node[];
  done: { node: Node; score: number }[];
}

/** A token that could follow. */
interface Candidate {
  row: number;
  token: number;
  logProb: number;
}

/**
 * Follows the `beam` likeliest hypotheses at a time, for all sources of a batch at once, the state cached.
 *
 * `score = logProb / ((5 + length) / 6)^lengthPenalty + coveragePenalty * sum over the source of ln min(attention, 1)`, where the
 * length counts `</s>`. A source is done when no hypothesis that is not complete can become better than the worst that would be
 * given. With a beam of 1 it is `greedySearch`.
 *
 * @returns for each source its hypotheses, the best first
 * @throws ConfigError for options that cannot be, and for a beam larger than the vocabulary
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { beamSearch, seq2seq } from '@dl/seq2seq-attention';
 *
 * await init();
 * const model = seq2seq({ source: 9, target: 9, hidden: 8, attention: 'general', key: key(0) });
 * const source = tensor([[4, 5, 6]], [1, 3], 'int32');
 * const [hypotheses] = beamSearch(model, { source }, { beam: 4, nBest: 4, maxLength: 10 });
 * hypotheses!.length; // 4
 * ```
 */
export function beamSearch<S extends object>(
  model: Seq2SeqModel<S>,
  batch: SourceBatch,
  options: BeamSearchOptions = {},
): Hypothesis[][] {
  const { beam = 5, nBest = 1, lengthPenalty = 0.6, coveragePenalty = 0, earlyStop = false } = options;
  const sources = batch.source.shape[0];
  const constraints = new Constraints(WHERE, options, model.targetSize, sources);
  checkOptions(beam, nBest, lengthPenalty, coveragePenalty, model.targetSize);
  const { eos, bos, needWeights, maxLength } = constraints;
  const readsWeights = needWeights || coveragePenalty > 0;
  const lengths = batch.sourceLengths instanceof Tensor ? batch.sourceLengths.dataSync() : batch.sourceLengths;

  const scoreOf = (node: Node, source: number): number => {
    const penalty = coveragePenalty > 0 ? coverageOf(node, lengths?.[source] ?? batch.source.shape[1]!) : 0;
    return node.logProb / lengthFactor(node.length, lengthPenalty) + coveragePenalty * penalty;
  };
  /** Whether nothing that is alive can still be among the best. */
  const isSettled = ({ live, done }: Beam): boolean => {
    if (live.length === 0) return true;
    if (done.length < (earlyStop ? beam : nBest)) return false;
    if (earlyStop) return true;
    // A sum of logarithms only falls; divided by the factor of the longest target it is the most that can be reached.
    const reachable = live[0]!.logProb / lengthFactor(maxLength + 1, lengthPenalty);
    return done[nBest - 1]!.score >= reachable;
  };

  const beams: Beam[] = Array.from({ length: sources }, (_, source) => ({ source, live: [], done: [] }));
  let active = beams;
  let rows: Int32Array | undefined; // of the state before, to go on with
  let sameSources = true;
  let state = tidy(() => model.start(batch) as never) as S;
  try {
    for (let step = 0; active.length > 0; step++) {
      const before = state;
      state = tidy(() => {
        const moved: Tensor | undefined = rows && tensor(rows, [rows.length], 'int32');
        const from = moved ? model.select(before, moved, sameSources) : before;
        const last = Int32Array.from(
          step === 0 ? active.map(() => bos) : active.flatMap(({ live }) => live.map((n) => n.token)),
        );
        const { logits, weights, state: next } = model.step(tensor(last, [last.length], 'int32'), from);
        const scores = logSoftmax(logits).dataSync() as Float32Array;
        const looked = readsWeights ? weights?.dataSync() : undefined;
        const size = logits.shape[1]!;
        const time = weights?.shape[1] ?? 0;

        let firstRow = 0;
        const nextRows: number[] = [];
        const going: Beam[] = [];
        let same = step > 0; // every source has as many rows as before, in their places
        for (const current of active) {
          const nodes = step === 0 ? [undefined] : current.live;
          for (const [i, node] of nodes.entries()) {
            constraints.apply(scores, (firstRow + i) * size, size, node, current.source);
          }
          const best = bestCandidates(scores, firstRow, nodes, size, 2 * beam);
          if (best.length === 0 && current.done.length === 0) throw nothingLeft(WHERE, current.source, step);
          const live: Node[] = [];
          const liveRows: number[] = [];
          for (const [rank, { row, token, logProb }] of best.entries()) {
            const node: Node = {
              token,
              before: nodes[row - firstRow],
              length: step + 1,
              logProb,
              weights: looked?.slice(row * time, (row + 1) * time) as Float32Array | undefined,
            };
            if (token !== eos) {
              if (live.length < beam) {
                live.push(node);
                liveRows.push(row);
              }
            } else if (rank < beam) current.done.push({ node, score: scoreOf(node, current.source) });
          }
          current.done.sort((a, b) => b.score - a.score);
          current.live = live;
          firstRow += nodes.length;
          if (isSettled(current)) {
            same = false;
            continue;
          }
          same &&= live.length === nodes.length;
          going.push(current);
          nextRows.push(...liveRows);
        }
        // Rows that stand where they stood need no moving.
        const stays = nextRows.length === last.length && nextRows.every((row, i) => row === i);
        sameSources = same;
        rows = stays ? undefined : Int32Array.from(nextRows);
        active = going;
        return next as never;
      });
      release(before, state);
    }
  } finally {
    release(state);
  }
  return beams.map(({ done }) =>
    done.slice(0, nBest).map(({ node, score }) => ({
      tokens: tokensOf(node, eos),
      logProb: node.logProb,
      score,
      ...(needWeights && { weights: weightsOf(node) }),
    })),
  );
}

const WHERE = 'beamSearch';

function checkOptions(beam: number, nBest: number, lengthPenalty: number, coverage: number, targetSize: number): void {
  for (const [name, value] of Object.entries({ beam, nBest })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(WHERE, `${name} is ${value}`, 'give a whole number from 1');
    }
  }
  if (beam > targetSize) {
    throw new ConfigError(
      WHERE,
      `a beam of ${beam} is larger than the vocabulary of ${targetSize} tokens`,
      `take ${targetSize} at most`,
    );
  }
  if (nBest > beam) throw new ConfigError(WHERE, `a beam of ${beam} cannot give ${nBest} hypotheses`, 'widen the beam');
  for (const [name, value] of Object.entries({ lengthPenalty, coveragePenalty: coverage })) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new ConfigError(WHERE, `${name} is ${value}`, 'give a number from 0');
    }
  }
}

/** What scores are divided by; Wu et al. 2016, equation 14. */
function lengthFactor(length: number, power: number): number {
  return ((5 + length) / 6) ** power;
}

/** ln of how far each real token of the source has been looked at, summed. */
function coverageOf(node: Node, length: number): number {
  const weights = weightsOf(node);
  let sum = 0;
  for (let j = 0; j < length; j++) {
    let spent = 0;
    for (const row of weights) spent += row[j]!;
    sum += Math.log(Math.max(Math.min(spent, 1), 1e-10));
  }
  return weights.length === 0 ? 0 : sum;
}

/** The `count` likeliest tokens to follow these nodes, the likeliest first; of equal ones the first. */
function bestCandidates(
  scores: Float32Array,
  firstRow: number,
  nodes: readonly (Node | undefined)[],
  size: number,
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  for (const [i, node] of nodes.entries()) {
    const row = firstRow + i;
    const before = node?.logProb ?? 0;
    const from = row * size;
    for (let token = 0; token < size; token++) {
      const logProb = before + scores[from + token]!;
      if (logProb === Number.NEGATIVE_INFINITY) continue;
      if (best.length === count && !(logProb > best[count - 1]!.logProb)) continue;
      let at = best.length === count ? count - 1 : best.length;
      while (at > 0 && logProb > best[at - 1]!.logProb) {
        best[at] = best[at - 1]!;
        at--;
      }
      best[at] = { row, token, logProb };
    }
  }
  return best;
}
