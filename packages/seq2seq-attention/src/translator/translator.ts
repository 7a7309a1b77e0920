import { ConfigError, FormatError, fit, type Key, key as keyOf, type Run } from '@dl/core';
import { type BatchedDataset, bucketByLength, Dataset, disposeBatch } from '@dl/core/data';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensorsFile,
  type SafetensorsFile,
  saveModel,
} from '@dl/core/io';
import { tidy } from '@dl/core/ops';
import { adam, type Optimizer } from '@dl/core/optim';
import type { FitOptions } from '@dl/core/train';
import { Alignment, alignment } from '../alignment/alignment';
import { type Seq2SeqConfig, seq2seq } from '../model/encoder-decoder';
import type { Seq2SeqInput, Seq2SeqModel, Seq2SeqOutput } from '../model/seq2seq-model';
import { type BeamSearchOptions, beamSearch } from '../search/beam-search';
import type { Hypothesis } from '../search/hypothesis';
import { characterTokenizer } from '../text/character-tokenizer';
import { TextCodec, type TextCodecJSON } from '../text/text-codec';
import type { Tokenizer } from '../text/tokenizer';
import type { VocabularyOptions } from '../text/vocabulary';
import { collatePairs } from '../training/collate-pairs';
import { type Seq2SeqBatch, type Seq2SeqLossOptions, seq2seqLoss } from '../training/seq2seq-loss';
import type { TeacherForcing } from '../training/teacher-forcing';
import { Transformer, type TransformerConfig } from '../transformer/transformer';
import { type EncodedSource, PairEncoder, type TextPair } from './pair-encoder';

type Sized = 'source' | 'target' | 'key';

/** The model of a translator, without the sizes that follow from the texts. */
export type TranslatorModel =
  | ({ kind?: 'recurrent' } & Omit<Seq2SeqConfig, Sized>)
  | ({ kind: 'transformer' } & Omit<TransformerConfig, Sized>);

/** How a translator is made. */
export interface TranslatorOptions {
  /** Cuts sources into pieces. @default characterTokenizer() */
  source?: Tokenizer;
  /** Cuts targets into pieces. @default characterTokenizer() */
  target?: Tokenizer;
  /** Which pieces of the sources are known. @default all that occur */
  sourceVocabulary?: VocabularyOptions;
  /** Which pieces of the targets are known. @default all that occur */
  targetVocabulary?: VocabularyOptions;
  /** The model: a recurrent one with attention unless said otherwise. @default { hidden: 128, bidirectional: true, attention: 'additive' } */
  model?: TranslatorModel;
  /** Draws the weights. */
  key: Key;
}

/** How a translator is trained. */
export interface TranslatorFitOptions
  extends Pick<
      FitOptions<Seq2SeqInput, Seq2SeqOutput, Seq2SeqBatch>,
      'epochs' | 'signal' | 'accumulate' | 'checkFinite' | 'resume' | 'checkpoint'
    >,
    Pick<Seq2SeqLossOptions, 'labelSmoothing' | 'coverage'> {
  /** Pairs a step. @default 64 */
  batch?: number;
  /** @default adam({ lr: 2e-3, clipNorm: 1 }), which goes with the training */
  optimizer?: Optimizer;
  /** Scheduled sampling: how likely the true token is given. @default 1 */
  teacherForcing?: TeacherForcing;
  /** Order of the pairs, dropout and sampling. @default key(0) */
  key?: Key;
}

/** How texts are translated. */
export interface TranslateOptions extends Omit<BeamSearchOptions, 'prefix' | 'forbidden' | 'pad' | 'bos' | 'eos'> {
  /** Texts at a time. @default 64 */
  batch?: number;
  /** Stops after the present texts: throws the signal's reason. */
  signal?: AbortSignal;
}

/** One way to translate a text. */
export interface Translation {
  text: string;
  /** ln of its probability. */
  logProb: number;
  /** What translations are compared by. */
  score: number;
}

/** What the file of a translator holds beside the weights. */
interface Notes {
  version: 1;
  source: TextCodecJSON;
  target: TextCodecJSON;
  model: TranslatorModel;
}

const NOTES = 'dl.translator';
const WHERE = 'Translator';

/**
 * Learns to make texts of texts, in a page or in Node: a small translator, transliterator, normaliser or spelling corrector. Tokenisers,
 * vocabularies and model in one, and in one file.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Translator } from '@dl/seq2seq-attention';
 *
 * await init();
 * const pairs = [['one', '1'], ['two', '2'], ['three', '3'], ['one two', '12'], ['two three', '23']] as [string, string][];
 * const translator = Translator.of(pairs, { model: { hidden: 24, attention: 'additive' }, key: key(0) });
 * await translator.fit(pairs, { epochs: 60, batch: 5 }).finish();
 * await translator.translate('two three'); // '23'
 * console.log(translator.alignment('two three').toString());
 * ```
 */
export class Translator {
  readonly model: Seq2SeqModel;
  readonly source: TextCodec;
  readonly target: TextCodec;
  readonly #config: TranslatorModel;
  readonly #encoder: PairEncoder;

  private constructor(source: TextCodec, target: TextCodec, config: TranslatorModel, key: Key) {
    this.source = source;
    this.target = target;
    this.#config = config;
    this.#encoder = new PairEncoder(source, target, config.kind !== 'transformer' && config.copy === true);
    const sizes = { source: source.vocabulary.size, target: target.vocabulary.size, key };
    this.model = (
      config.kind === 'transformer' ? new Transformer({ ...config, ...sizes }) : seq2seq({ ...config, ...sizes })
    ) as Seq2SeqModel;
  }

  /**
   * A translator for texts like these, not trained yet.
   *
   * @throws ConfigError for an empty corpus, and for options that cannot be
   */
  static of(pairs: readonly TextPair[], options: TranslatorOptions): Translator {
    PairEncoder.check(WHERE, pairs);
    const { source = characterTokenizer(), target = characterTokenizer(), key } = options;
    const { model = { hidden: 128, bidirectional: true, attention: 'additive' } } = options;
    return new Translator(
      TextCodec.train(
        pairs.map(([text]) => text),
        source,
        options.sourceVocabulary,
      ),
      TextCodec.train(
        pairs.map(([, text]) => text),
        target,
        options.targetVocabulary,
      ),
      model,
      key,
    );
  }

  /**
   * Batches of pairs of like length, for `fit`, `evaluate` and validation.
   *
   * @param options `batch` pairs at a time, 64 unless said; `key` shuffles them anew each epoch
   */
  batches(
    pairs: readonly TextPair[],
    { batch = 64, key }: { batch?: number; key?: Key } = {},
  ): BatchedDataset<Seq2SeqBatch> {
    PairEncoder.check(WHERE, pairs);
    const data = Dataset.from(pairs.map((pair) => this.#encoder.encodePair(pair)));
    return bucketByLength(key ? data.shuffle(key) : data, {
      size: batch,
      length: ({ source }) => source.length,
      collate: collatePairs({ targetSize: this.target.vocabulary.size }),
    });
  }

  /**
   * Trains on pairs of texts: gives a run, which goes while it is iterated, or to the end by `finish()`.
   *
   * @throws ConfigError for an empty corpus; at a step, what `fit` throws
   */
  fit(pairs: readonly TextPair[], options: TranslatorFitOptions): Run<Seq2SeqInput, Seq2SeqOutput, Seq2SeqBatch> {
    const { batch = 64, labelSmoothing, coverage, teacherForcing, key = keyOf(0), ...rest } = options;
    const own = options.optimizer === undefined;
    const optimizer = options.optimizer ?? adam({ lr: 2e-3, clipNorm: 1 });
    const [order, draws] = key.split();
    const run = fit(this.model, {
      ...rest,
      data: this.batches(pairs, { batch, key: order }),
      loss: seq2seqLoss({ labelSmoothing, coverage, sampling: teacherForcing && { teacherForcing, optimizer } }),
      optimizer,
      key: draws,
    });
    if (own) run.on('end', () => optimizer.dispose());
    return run;
  }

  /**
   * The best translation of a text, or of each of several.
   *
   * @throws ConfigError for a text longer than the model takes, and for options that cannot be
   */
  translate(text: string, options?: TranslateOptions): Promise<string>;
  translate(texts: readonly string[], options?: TranslateOptions): Promise<string[]>;
  async translate(texts: string | readonly string[], options: TranslateOptions = {}): Promise<string | string[]> {
    if (typeof texts === 'string') return (await this.translate([texts], options))[0]!;
    const found = await this.translations(texts, { ...options, nBest: 1 });
    return found.map(([best]) => best!.text);
  }

  /** The `nBest` best translations of each text, the best first. */
  async translations(texts: readonly string[], options: TranslateOptions = {}): Promise<Translation[][]> {
    const { batch = 64, signal, ...search } = options;
    if (!(Number.isInteger(batch) && batch >= 1)) {
      throw new ConfigError(WHERE, `batch is ${batch}`, 'give a whole number from 1');
    }
    const encoded = texts.map((text) => this.#encoder.encodeSource(text));
    // Texts of like length go together, and stand in their own places afterwards.
    const order = encoded.map((_, i) => i).sort((a, b) => encoded[a]!.source.length - encoded[b]!.source.length);
    const translations: Translation[][] = [];
    for (let from = 0; from < order.length; from += batch) {
      signal?.throwIfAborted();
      if (from > 0) await new Promise((resolve) => setTimeout(resolve)); // a page, or a server, has its turn
      const part = order.slice(from, from + batch);
      const found = this.#search(
        part.map((i) => encoded[i]!),
        search,
      );
      for (const [at, i] of part.entries()) {
        translations[i] = found[at]!.map(({ tokens, logProb, score }) => ({
          text: this.target.tokenizer.decode(this.#encoder.pieces(tokens, encoded[i]!)),
          logProb,
          score,
        }));
      }
    }
    return translations;
  }

  /**
   * What each written piece of a translation looked at.
   *
   * @param text the source
   * @param target what is written; the model's own greedy translation unless given
   */
  alignment(text: string, target?: string): Alignment {
    const source = this.#encoder.encodeSource(text);
    const seen = alignment(this.model, source.source, {
      ...(target !== undefined && { target: Array.from(this.#encoder.encodePair([text, target]).target) }),
      copyIds: source.copyIds,
      names: {
        source: (token) => this.source.vocabulary.tokenOf(token),
        target: (token) => this.#encoder.pieces([token], source)[0]!,
      },
    });
    return new Alignment(this.source.tokenizer.encode(text), seen.target, seen.weights);
  }

  /** Weights, vocabularies and all else as one safetensors file. */
  toBytes(): Uint8Array {
    return encodeSafetensors(this.model.stateDict(), this.#metadata());
  }

  /** Writes `toBytes()` to a file. Node only. */
  async save(path: string): Promise<void> {
    await saveModel(this.model, path, { metadata: this.#metadata() });
  }

  /** @throws FormatError for a file of something else */
  static fromBytes(bytes: Uint8Array | ArrayBuffer): Translator {
    return Translator.#from(decodeSafetensors(bytes));
  }

  /** Reads what `save` wrote. Node only. @throws FormatError for a file of something else */
  static async load(path: string): Promise<Translator> {
    return Translator.#from(await readSafetensorsFile(path));
  }

  /** Frees the model. */
  dispose(): void {
    this.model.dispose();
  }

  /** `dispose()`, at the end of a block of `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  static #from({ tensors, metadata }: SafetensorsFile): Translator {
    const notes = readNotes(metadata.get(NOTES));
    const translator = new Translator(
      TextCodec.fromJSON(notes.source),
      TextCodec.fromJSON(notes.target),
      notes.model,
      keyOf(0),
    );
    try {
      tidy(() => {
        translator.model.loadStateDict(new Map([...tensors].map(([name, stored]) => [name, stored.tensor()])));
      });
      return translator;
    } catch (error) {
      translator.dispose();
      throw error;
    }
  }

  #metadata(): Record<string, string> {
    const notes: Notes = {
      version: 1,
      source: this.source.toJSON(),
      target: this.target.toJSON(),
      model: this.#config,
    };
    return { [NOTES]: JSON.stringify(notes) };
  }

  #search(sources: readonly EncodedSource[], options: BeamSearchOptions): Hypothesis[][] {
    const batch = collatePairs({ targetSize: this.target.vocabulary.size })(
      sources.map(({ source, copyIds }) => ({ source, target: [], copyIds })),
    );
    try {
      return beamSearch(this.model, batch, options);
    } finally {
      disposeBatch(batch);
    }
  }
}

function readNotes(text: string | undefined): Notes {
  if (text === undefined) throw new FormatError('the file holds no translator: it was not written by one');
  let notes: Partial<Notes> | null;
  try {
    notes = JSON.parse(text) as Partial<Notes> | null;
  } catch {
    throw new FormatError('the translator is damaged: what it notes of itself is no JSON');
  }
  if (notes?.version !== 1) {
    throw new FormatError(`the translator has the version ${notes?.version}, this release reads version 1`);
  }
  if (typeof notes.model !== 'object' || notes.model === null) {
    throw new FormatError('the translator is damaged: it does not say what its model is');
  }
  return notes as Notes;
}
