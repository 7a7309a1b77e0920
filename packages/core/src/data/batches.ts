/**
 * What training consumes: a source of batches that can be gone through once an epoch, as often as wanted.
 *
 * **Ownership.** The tensors of a batch belong to whoever takes it out of the iterator: `fit` and `evaluate` dispose of
 * them after each step; in a loop of your own, do it with `disposeBatch(batch)`.
 *
 * **Position.** The order is a function of the epoch's number alone: the same epoch gives the same batches, and
 * `batches(epoch, skip)` goes on after the first `skip` of them. Epoch and number of the batch are therefore all that a
 * checkpoint needs of the data.
 *
 * Dataset's `batch()` makes one; any object of this form will do.
 *
 * @typeParam B a batch: an object (or array) of tensors
 */
export interface Batches<B> {
  /** Batches an epoch, where it is known beforehand; for progress bars and schedules. */
  readonly size?: number | undefined;
  /**
   * The batches of one epoch.
   *
   * @param epoch which epoch, from 0
   * @param skip how many of its batches to leave out at the start
   */
  batches(epoch: number, skip?: number): Iterable<B> | AsyncIterable<B>;
}
