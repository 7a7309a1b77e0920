/** How the sequences of a batch are packed: no row is padding. Made once for each set of lengths. */
export interface Plan {
  /** Sequences in the batch. */
  readonly batch: number;
  /** Steps of the longest sequence. */
  readonly steps: number;
  /** Rows in all: the sum of the lengths. */
  readonly rows: number;
  /** [steps] how many sequences have each step. */
  readonly sizes: Int32Array;
  /** [rows] the place batch * time + t of each packed row in the unpacked tensor. */
  readonly index: Int32Array;
  /** [batch] the sequences in the order of falling length. */
  readonly order: Int32Array;
  /** [batch], in that order: the packed row of the last step of each sequence, or -1 for an empty one. */
  readonly last: Int32Array;
  /** [time, batch]: 1 where a sequence has the step, 0 where it is padding; undefined where there is no padding. */
  readonly real: Float32Array | undefined;
}

/**
 * Packs sequences. A reversed plan visits each sequence from its own end.
 *
 * @param batch sequences in the batch
 * @param time steps of the unpacked tensor
 * @param real the steps of each sequence: how many (the first ones), or 1 for each that counts [batch * time]; all of
 *   them where undefined
 */
export function planSequences(
  batch: number,
  time: number,
  real: { lengths: ArrayLike<number> } | { mask: ArrayLike<number> } | undefined,
  reverse: boolean,
): Plan {
  const places = Array.from({ length: batch }, (_, b) => {
    const steps = Array.from({ length: time }, (_, t) => b * time + t).filter(
      (at, t) => real === undefined || ('lengths' in real ? t < real.lengths[b]! : real.mask[at] !== 0),
    );
    return reverse ? steps.reverse() : steps;
  });
  const order = Int32Array.from({ length: batch }, (_, b) => b).sort(
    (a, b) => places[b]!.length - places[a]!.length || a - b,
  );
  const steps = batch === 0 ? 0 : places[order[0]!]!.length;
  const sizes = new Int32Array(steps);
  const last = new Int32Array(batch).fill(-1);
  const rows = places.reduce((sum, { length }) => sum + length, 0);
  const index = new Int32Array(rows);
  const padded = rows < batch * time;
  const isReal = padded ? new Float32Array(time * batch) : undefined;
  let row = 0;
  let active = batch;
  for (let k = 0; k < steps; k++) {
    while (places[order[active - 1]!]!.length <= k) active--;
    sizes[k] = active;
    for (let i = 0; i < active; i++) {
      const b = order[i]!;
      const at = places[b]![k]!;
      if (isReal) isReal[(at % time) * batch + b] = 1;
      last[i] = row;
      index[row++] = at;
    }
  }
  return { batch, steps, rows, sizes, index, order, last, real: isReal };
}

const recent = new Map<string, Plan>();
const KEPT = 8;

/** The plan of a batch whose sequences all have the same length: remembered, since every step of a training asks for it. */
export function fullPlan(batch: number, time: number, reverse: boolean): Plan {
  const key = `${batch} ${time} ${reverse}`;
  let plan = recent.get(key);
  if (plan === undefined) {
    plan = planSequences(batch, time, undefined, reverse);
    if (recent.size === KEPT) recent.delete(recent.keys().next().value!);
    recent.set(key, plan);
  }
  return plan;
}
