import { ConfigError, type Key } from '@dl/core';

/** How a token is drawn from the scores of a model. */
export interface SamplingOptions {
  /** Divides the scores: below 1 the likely tokens become likelier; 0 takes the likeliest. @default 1 */
  temperature?: number;
  /** Only the so many likeliest tokens. Fan et al. 2018. @default all */
  topK?: number;
  /** Only the likeliest tokens that together reach this probability. Holtzman et al. 2020. @default 1: all */
  topP?: number;
}

/**
 * The probability of each token after temperature, top-k and top-p, in this order; adds up to 1.
 *
 * @param logits scores of all tokens
 * @throws ConfigError for options out of their range
 */
export function tokenProbabilities(logits: ArrayLike<number>, options: SamplingOptions = {}): Float64Array {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  checkSampling(options);
  const best = Array.from(logits, (_, token) => token).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const probabilities = new Float64Array(logits.length);
  if (temperature === 0) {
    probabilities[best[0]!] = 1;
    return probabilities;
  }
  const kept = best.slice(0, topK);
  const top = logits[best[0]!]!;
  const weights = kept.map((token) => Math.exp((logits[token]! - top) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  let count = 0;
  while (count < kept.length && (count === 0 || reached < topP * total)) reached += weights[count++]!;
  for (let i = 0; i < count; i++) probabilities[kept[i]!] = weights[i]! / reached;
  return probabilities;
}

/** Draws a token. */
export function sampleToken(logits: ArrayLike<number>, key: Key, options: SamplingOptions = {}): number {
  return key.categorical(tokenProbabilities(logits, options), 1)[0]!;
}

/** @throws ConfigError for options out of their range */
export function checkSampling({ temperature = 1, topK = 1, topP = 1 }: SamplingOptions): void {
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new ConfigError('sample', `temperature must be at least 0, it is ${temperature}`);
  }
  if (!Number.isInteger(topK) || topK < 1) {
    throw new ConfigError('sample', `topK must be a positive integer, it is ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new ConfigError('sample', `topP must be above 0 and at most 1, it is ${topP}`);
  }
}
