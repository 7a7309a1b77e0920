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
  const { count, place } = stepsOf(batch, time, real, reverse);
  const order = Int32Array.from({ length: batch }, (_, b) => b).sort((a, b) => count[b]! - count[a]! || a - b);
  const steps = batch === 0 ? 0 : count[order[0]!]!;
  const sizes = new Int32Array(steps);
  const rows = count.reduce((sum, length) => sum + length, 0);
  const index = new Int32Array(rows);
  const padded = rows < batch * time;
  const isReal = padded ? new Float32Array(time * batch) : undefined;
  let row = 0;
  let active = batch;
  for (let k = 0; k < steps; k++) {
    while (count[order[active - 1]!]! <= k) active--;
    sizes[k] = active;
    for (let i = 0; i < active; i++) {
      const b = order[i]!;
      const t = place(b, k);
      if (isReal) isReal[t * batch + b] = 1;
      index[row++] = b * time + t;
    }
  }
  return { batch, steps, rows, sizes, index, order, real: isReal };
}

/** How many real steps each sequence has, and where in time its k-th one is. */
function stepsOf(
  batch: number,
  time: number,
  real: { lengths: ArrayLike<number> } | { mask: ArrayLike<number> } | undefined,
  reverse: boolean,
): { count: Int32Array; place: (b: number, k: number) => number } {
  if (real === undefined || 'lengths' in real) {
    const count = real === undefined ? new Int32Array(batch).fill(time) : Int32Array.from(real.lengths);
    return { count, place: (b, k) => (reverse ? count[b]! - 1 - k : k) };
  }
  const places = Array.from({ length: batch }, (_, b) => {
    const steps: number[] = [];
    for (let t = 0; t < time; t++) if (real.mask[b * time + t] !== 0) steps.push(t);
    return reverse ? steps.reverse() : steps;
  });
  return { count: Int32Array.from(places, ({ length }) => length), place: (b, k) => places[b]![k]! };
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
