import type { Translator } from '@dl/seq2seq-attention';

/** What a translator writes for a text, and what each character looked at. */
export interface Reading {
  /** Characters of the source. */
  readonly source: readonly string[];
  /** Characters that were written, the end included. */
  readonly target: readonly string[];
  /** `[target][source]`, rows of the sum 1. */
  readonly weights: readonly (readonly number[])[];
  readonly written: string;
  /** Characters of the source that no text of the training had. */
  readonly unknown: readonly string[];
}

/** Reads a text with a translator that has attention; undefined where there is nothing to read. */
export function read(translator: Translator, text: string): Reading | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const { source, target, weights } = translator.alignment(trimmed);
  return {
    source,
    target,
    weights,
    written: target.filter((piece) => piece !== '</s>').join(''),
    unknown: [...new Set(source.filter((piece) => !translator.source.vocabulary.has(piece)))],
  };
}
