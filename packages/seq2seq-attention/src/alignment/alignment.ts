import { ConfigError } from '@dl/core';
import { tensor, tidy } from '@dl/core/ops';
import type { Seq2SeqModel } from '../model/seq2seq-model';
import type { SearchOptions } from '../search/constraints';
import { greedySearch } from '../search/sampling';
import { type HeatMapOptions, heatMap } from './heat-map';
import { type SvgOptions, svgOf } from './svg';

/** What each written token looked at. */
export class Alignment {
  /** The tokens of the source. */
  readonly source: readonly string[];
  /** The tokens written, and the end. */
  readonly target: readonly string[];
  /** `[target][source]`, rows of the sum 1. */
  readonly weights: readonly (readonly number[])[];

  /** @throws ConfigError where the weights are not one for each pair of tokens */
  constructor(source: readonly string[], target: readonly string[], weights: readonly (readonly number[])[]) {
    if (weights.length !== target.length || weights.some((row) => row.length !== source.length)) {
      throw new ConfigError(
        'Alignment',
        `${target.length} tokens that look at ${source.length} need as many weights, there are ${weights.length} rows of ${weights[0]?.length ?? 0}`,
      );
    }
    this.source = source;
    this.target = target;
    this.weights = weights;
  }

  /** The matrix as a picture of shaded characters, for the terminal. */
  toString(options: HeatMapOptions = {}): string {
    return heatMap(this, options);
  }

  /** The matrix as a picture, an SVG document. */
  toSVG(options: SvgOptions = {}): string {
    return svgOf(this, options);
  }
}

/** How an alignment is made. */
export interface AlignmentOptions extends SearchOptions {
  /** What is written, without `<s>` and `</s>`. @default what the model writes: greedy search */
  target?: readonly number[] | undefined;
  /** For models that copy: the number of each source token in the target vocabulary, or behind it. */
  copyIds?: ArrayLike<number> | undefined;
  /** What tokens are called. @default their numbers */
  names?:
    | {
        /** The word of a token of the source. */
        source: (token: number) => string;
        /** The word of a token of the target. */
        target: (token: number) => string;
      }
    | undefined;
}

/**
 * What a model looks at while it writes: the matrix of its attention, for one source.
 *
 * @param model with attention
 * @param source token numbers
 * @throws ConfigError where the model has no attention
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { alignment, seq2seq } from '@dl/seq2seq-attention';
 *
 * await init();
 * const model = seq2seq({ source: 9, target: 9, hidden: 8, attention: 'additive', key: key(0) });
 * const seen = alignment(model, [4, 5, 6], { target: [6, 5, 4] });
 * seen.weights.length; // 4
 * console.log(seen.toString());
 * ```
 */
export function alignment<S extends object>(
  model: Seq2SeqModel<S>,
  source: ArrayLike<number>,
  { target, copyIds, names, ...options }: AlignmentOptions = {},
): Alignment {
  const time = Math.max(1, source.length);
  const found = tidy(() => {
    const row = (ids: ArrayLike<number>) => {
      const padded = new Int32Array(time);
      padded.set(Array.from(ids));
      return tensor(padded, [1, time], 'int32');
    };
    const copies = copyIds && {
      copyIds: row(copyIds),
      copySize: Array.from(copyIds).reduce((most, id) => Math.max(most, id + 1), model.targetSize),
    };
    const batch = { source: row(source), sourceLengths: [source.length], ...copies };
    // A target that is known is a prefix that leaves nothing to choose.
    const forced = target && { prefix: [...target, options.eos ?? 3], maxLength: target.length };
    const [best] = greedySearch(model, batch, { ...options, ...forced, needWeights: true });
    return best as never;
  }) as { tokens: number[]; weights: Float32Array[] };
  if (found.weights.length === 0) {
    throw new ConfigError(
      model.where,
      'it has no attention, so nothing is aligned',
      "for example attention: 'additive'",
    );
  }
  const written = found.weights.length > found.tokens.length ? ['</s>'] : [];
  return new Alignment(
    Array.from(source, names?.source ?? String),
    [...found.tokens.map(names?.target ?? String), ...written],
    found.weights.map((row) => Array.from(row.subarray(0, source.length))),
  );
}
