import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, DtypeError } from '../errors';
import * as ops from '../ops';
import type { Key } from '../random';
import { checkSize } from './checks';
import { type Initializer, normal } from './initializers';
import { Module, type Shape } from './module';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `Embedding`. */
export interface EmbeddingConfig {
  /** How many things there are: indices go from 0 to `num - 1`. */
  num: number;
  /** Features of each. */
  dim: number;
  /** The index that stands for padding: its row starts at 0 and is not learnt. @default none */
  paddingIdx?: number;
  /** First values of the weight. @default normal() */
  weightInit?: Initializer;
  /** Draws the weights. */
  key: Key;
}

/**
 * A learnt row for every index: `y = weight[x]`, int32 `[batch, ...]` to `[batch, ..., dim]`. PyTorch's `nn.Embedding`:
 * weight `[num, dim]`.
 */
export class Embedding extends Module {
  readonly num: number;
  readonly dim: number;
  readonly paddingIdx: number | undefined;
  readonly weight: Param;

  /** @throws ConfigError for sizes that are no positive integers, or a padding index that is no index */
  constructor({ num, dim, paddingIdx, weightInit = normal(), key }: EmbeddingConfig) {
    super();
    checkSize(this, 'num', num);
    checkSize(this, 'dim', dim);
    if (paddingIdx !== undefined && !(Number.isInteger(paddingIdx) && paddingIdx >= 0 && paddingIdx < num)) {
      throw new ConfigError(this.where, `paddingIdx must be an index from 0 to ${num - 1}, it is ${paddingIdx}`);
    }
    this.num = num;
    this.dim = dim;
    this.paddingIdx = paddingIdx;
    this.weight = new Param(weightInit([num, dim], key));
    if (paddingIdx !== undefined) this.#clear(paddingIdx);
  }

  /**
   * @param x indices, int32
   * @throws DtypeError unless the input is int32
   * @throws ConfigError for an index that is not from 0 to `num - 1`
   */
  forward(x: Tensor): Tensor {
    if (x.dtype !== 'int32') {
      throw new DtypeError(`${this.where}: the input holds ${x.dtype}, indices are int32: cast(x, 'int32')`);
    }
    try {
      return ops.embedding(x, this.weight.value, { paddingIdx: this.paddingIdx });
    } catch (error) {
      throw error instanceof ConfigError
        ? new ConfigError(this.where, error.problem, `the layer has num: ${this.num} rows`)
        : error;
    }
  }

  outputShape(input: Shape): Shape {
    return [...input, this.dim];
  }

  #clear(row: number): void {
    const values = this.weight.value.dataSync() as Float32Array;
    this.weight.assign(values.slice().fill(0, row * this.dim, (row + 1) * this.dim));
  }
}

/** Spec of an `Embedding`. */
export const embedding = defineSpec(
  'embedding',
  (config: Omit<EmbeddingConfig, 'key'>, _input, key) => new Embedding({ ...config, key }),
);
