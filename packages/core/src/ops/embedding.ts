import {
  expandDims,
  gather,
  notEqual,
  reshape,
  type Tensor,
  unsortedSegmentSum,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { ConfigError, DtypeError, ShapeError } from '../errors';
import { expectFloat } from './checks';
import { defineOp } from './define-op';

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** The index that stands for padding: its row gets no gradient. @default none */
  paddingIdx?: number | undefined;
}

const op = defineOp({
  name: 'embedding',
  forward: ({ ids, weight }: { ids: Tensor; weight: Tensor }) => gather(weight, ids),
  backward: ({ ids, weight, dy }, { paddingIdx }: EmbeddingOptions) => ({
    weight: () => {
      const [count, features] = [ids.size, weight.shape[1]!];
      const flat = reshape(ids, [count]);
      const rows = reshape(dy, [count, features]);
      const kept =
        paddingIdx === undefined ? rows : where(expandDims(notEqual(flat, paddingIdx), 1), rows, zerosLike(rows));
      return unsortedSegmentSum(kept, flat as never, weight.shape[0]);
    },
  }),
  saves: ['ids', 'weight'],
});

/**
 * Takes the row of each index: `y[...] = weight[ids[...]]`. PyTorch's `embedding`.
 *
 * `dweight[v]` is the sum of the `dy` rows whose index is `v`: an index that occurs often is added up, one that does not
 * occur gets 0, and so does the padding index.
 *
 * @param ids [...], int32
 * @param weight [vocabulary, features], float32
 * @returns [..., features]
 * @throws DtypeError unless ids are int32 and the weight float32
 * @throws ShapeError unless the weight is a matrix
 * @throws ConfigError where an index, or the padding index, is not a row
 */
export function embedding(ids: Tensor, weight: Tensor, { paddingIdx }: EmbeddingOptions = {}): Tensor {
  expectFloat('embedding', 'weight', weight);
  if (ids.dtype !== 'int32') {
    throw new DtypeError(`embedding: the indices are ${ids.dtype}, int32 is needed: cast(ids, 'int32')`);
  }
  if (weight.rank !== 2) {
    throw new ShapeError('embedding', 'the weight must be a matrix', [
      { label: 'weight', shape: weight.shape, axes: ['vocabulary', 'features'] },
    ]);
  }
  const vocabulary = weight.shape[0];
  const bad = ids.dataSync().findIndex((id) => id < 0 || id >= vocabulary);
  if (bad >= 0) {
    throw new ConfigError(
      'embedding',
      `index ${ids.dataSync()[bad]} at place ${bad} is not from 0 to ${vocabulary - 1}`,
      'the weight has one row for each index',
    );
  }
  if (paddingIdx !== undefined && !(Number.isInteger(paddingIdx) && paddingIdx >= 0 && paddingIdx < vocabulary)) {
    throw new ConfigError('embedding', `paddingIdx is ${paddingIdx}, it must be from 0 to ${vocabulary - 1}`);
  }
  return op({ ids, weight }, { paddingIdx });
}
