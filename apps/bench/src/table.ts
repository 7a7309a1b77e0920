import type { Times } from './measure';
import type { Peer, Row } from './row';

/** One measured row. */
export interface Line {
  row: Row;
  times: Times;
}

/** Two runs of the same program differ by this much. */
export const NOISE = 0.05;

/**
 * The table: milliseconds a call; then for every peer its time and the ratio peer/ours, and the goal where a row has one.
 */
export function formatTable(
  lines: readonly Line[],
  peers: readonly Peer[],
  missing: ReadonlyMap<Peer, string>,
): string {
  const rows = [['row', 'ours ms'], ...lines.map(({ row, times }) => [row.name, digits(times.get('ours')!)])];
  for (const peer of peers) {
    if (lines.every(({ row, times }) => !times.has(peer) && row.goals?.[peer] === undefined)) continue;
    const reason = missing.get(peer);
    const hasGoals = lines.some(({ row }) => row.goals?.[peer] !== undefined);
    const add = (cells: string[], i: number) =>
      rows[i]!.push(...cells.slice(0, reason === undefined ? 2 : 1), ...(hasGoals ? cells.slice(2) : []));
    add([`${peer} ms`, 'ratio', 'goal'], 0);
    for (const [i, { row, times }] of lines.entries()) {
      const goal = row.goals?.[peer];
      const wanted = goal === undefined ? '' : `${Number(goal.toPrecision(3))}x`;
      const theirs = times.get(peer);
      const ratio = theirs === undefined ? undefined : theirs / times.get('ours')!;
      if (theirs === undefined || ratio === undefined) add([reason ?? '-', '', wanted], i + 1);
      else {
        const verdict = goal === undefined ? '' : `${wanted} ${meets(ratio, goal) ? 'met' : 'MISSED'}`;
        add([digits(theirs), `${digits(ratio)}x`, verdict], i + 1);
      }
    }
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const line = (cells: string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  const [head, ...body] = rows.map(line);
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n');
}

/** Whether a ratio reaches its goal; to be as fast as tfjs where both run the same kernel, within the noise. */
export function meets(ratio: number, goal: number): boolean {
  return ratio >= (goal === 1 ? goal - NOISE : goal);
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
