import type { Row } from './row';
import type { Runner, Side } from './sides';

/** How long to measure. */
export interface Effort {
  /** Rounds in which every side has its turn; the median over them counts. */
  rounds: number;
  /** Length of a turn, in milliseconds; at least one call. */
  turn: number;
}

/** A call that takes longer, in milliseconds, is not repeated. */
const PATIENCE = 2000;

/** Times of one row: milliseconds a call, the median over the rounds, by side. */
export type Times = Map<Side['name'], number>;

/**
 * Measures one row: all sides in turn, round after round, so that whatever disturbs the machine disturbs all of them.
 */
export async function measure(row: Row, sides: readonly Side[], effort: Effort): Promise<Times> {
  const runners = new Map<Side['name'], { runner: Runner; calls: number; times: number[] }>();
  for (const side of sides) {
    const runner = await side.prepare(row);
    if (runner === undefined) continue;
    // The first calls are compiled and allocate; they tell how many make a turn.
    let calls = 1;
    let once = await runner.run(calls);
    for (let warmUp = 1; warmUp < 3 && once < PATIENCE; warmUp++) {
      calls = Math.max(1, Math.min(1000, Math.round(effort.turn / once)));
      once = await runner.run(calls);
    }
    // A call that takes seconds is neither noise nor warm-up: one is enough.
    runners.set(side.name, { runner, calls, times: once < PATIENCE ? [] : [once] });
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const { runner, calls, times } of runners.values()) {
      if (times[0] === undefined || times[0] < PATIENCE) times.push(await runner.run(calls));
    }
  }
  for (const { runner } of runners.values()) await runner.close();
  return new Map([...runners].map(([name, { times }]) => [name, median(times)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
