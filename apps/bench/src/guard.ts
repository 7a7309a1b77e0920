import { type Effort, measure } from './measure';
import type { Row } from './row';
import { startSides } from './sides';

/** A ratio may fall to this part of its goal before the guard objects: it runs briefly and on busy machines. */
const SLACK = 1 / 3;
const brief: Effort = { rounds: 3, turn: 5 };
/** What a row gets that looks bad at first, by a disturbance or because its code was not compiled yet. */
const patient: Effort = { rounds: 7, turn: 60 };

/** Compares ours with stock tfjs, ratios within one run, never times with those of another day; gives the exit code. */
export async function guard(rows: readonly Row[]): Promise<number> {
  const { sides } = await startSides(['tfjs']);
  const ratioOf = async (row: Row, effort: Effort): Promise<number> => {
    const times = await measure(row, sides, effort);
    return times.get('tfjs')! / times.get('ours')!;
  };
  let passed = 0;
  let failed = 0;
  for (const row of rows) {
    const goal = row.goals?.tfjs;
    if (goal === undefined || row.slow) continue;
    let ratio = await ratioOf(row, brief);
    if (ratio < goal * SLACK) ratio = await ratioOf(row, patient);
    const good = ratio >= goal * SLACK;
    if (good) passed++;
    else failed++;
    console.log(`${good ? 'ok  ' : 'FAIL'}  ${row.name}: ${ratio.toFixed(2)}x tfjs, goal ${goal}x`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
