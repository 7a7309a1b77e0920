import type { Context, Module, Objective } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { add, mul, type Tensor } from '@dl/core/ops';
import type { Optimizer } from '@dl/core/optim';
import type { Seq2SeqInput, Seq2SeqOutput } from '../model/seq2seq-model';
import type { TeacherForcing } from './teacher-forcing';

/** Sequences with what is to be written, as `collatePairs` makes them. */
export interface Seq2SeqBatch extends Seq2SeqInput {
  /** The token after each of `target`, `[batch, targetTime]` int32: the target with its end, padded. */
  labels: Tensor;
}

/** Options of `seq2seqLoss`. */
export interface Seq2SeqLossOptions {
  /** The share of each label that goes to all tokens alike. @default 0 */
  labelSmoothing?: number | undefined;
  /** The number of `<pad>`: such labels do not count. @default 0 */
  pad?: number | undefined;
  /** Weight of the loss of models with coverage. @default 1 */
  coverage?: number | undefined;
  /**
   * Scheduled sampling in training: how likely the true token is given, and whose steps are counted, so that a training that is
   * resumed goes on with the schedule.
   * @default teacher forcing alone
   */
  sampling?: { teacherForcing: TeacherForcing; optimizer: Pick<Optimizer, 'steps'> } | undefined;
}

/**
 * The loss of an encoder-decoder for `fit`, `trainStep` and `evaluate`: the mean cross-entropy over the real tokens.
 *
 * @example
 * ```ts
 * import { init, key, trainStep } from '@dl/core';
 * import { adam } from '@dl/core/optim';
 * import { collatePairs, seq2seq, seq2seqLoss } from '@dl/seq2seq-attention';
 *
 * await init();
 * const model = seq2seq({ source: 9, target: 9, hidden: 8, attention: 'additive', key: key(0) });
 * const step = trainStep(model, seq2seqLoss({ labelSmoothing: 0.1 }), adam({ lr: 0.01 }));
 * const batch = collatePairs()([{ source: Int32Array.of(4, 5), target: Int32Array.of(5, 4) }]);
 * step(batch).updated; // true
 * ```
 */
export function seq2seqLoss({
  labelSmoothing = 0,
  pad = 0,
  coverage = 1,
  sampling,
}: Seq2SeqLossOptions = {}): Objective<Module<Seq2SeqInput, Seq2SeqOutput>, Seq2SeqBatch> {
  return {
    compute(model, { labels, ...batch }, ctx: Context) {
      const teacherForcing = sampling && ctx.train ? sampling.teacherForcing(sampling.optimizer.steps) : undefined;
      const { logits, coverageLoss } = model.forward(
        { ...batch, ...(teacherForcing !== undefined && { teacherForcing }) },
        ctx,
      );
      const loss = crossEntropy(logits, labels, { ignoreIndex: pad, labelSmoothing });
      return {
        loss: coverageLoss ? add(loss, mul(coverageLoss, coverage)) : loss,
        prediction: logits,
        target: labels,
      };
    },
  };
}
