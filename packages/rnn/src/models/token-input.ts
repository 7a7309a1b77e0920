import { ConfigError, DtypeError, type Key, type Member, Module, type Shape } from '@dl/core';
import { Embedding } from '@dl/core/nn';
import { cast, oneHot, type Tensor } from '@dl/core/ops';

/** Tokens as features: a learnt row for each, or a 1 in its place (`oneHot`). int32 `[batch, time]` to `[batch, time, size]`. */
export class TokenInput extends Module {
  readonly vocabulary: number;
  /** Features of each token. */
  readonly size: number;
  readonly #embedding: Embedding | undefined;

  constructor(vocabulary: number, embedding: number | undefined, key: Key) {
    super();
    this.vocabulary = vocabulary;
    this.size = embedding ?? vocabulary;
    this.#embedding = embedding === undefined ? undefined : new Embedding({ num: vocabulary, dim: embedding, key });
  }

  override *members(): Iterable<[string, Member]> {
    if (this.#embedding) yield* this.#embedding.members();
  }

  forward(ids: Tensor): Tensor {
    if (ids.dtype !== 'int32') {
      throw new DtypeError(`${this.where}: the input holds ${ids.dtype}, tokens are int32: cast(x, 'int32')`);
    }
    const bad = ids.dataSync().findIndex((id) => id < 0 || id >= this.vocabulary);
    if (bad >= 0) {
      throw new ConfigError(
        this.where,
        `token ${ids.dataSync()[bad]} at place ${bad} is not from 0 to ${this.vocabulary - 1}`,
        'set vocabulary to one more than the largest token',
      );
    }
    return this.#embedding ? this.#embedding.forward(ids) : cast(oneHot(ids, this.vocabulary), 'float32');
  }

  outputShape(input: Shape): Shape {
    return [...input, this.size];
  }
}
