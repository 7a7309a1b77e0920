import type { Plan } from './plan';

/** Rows that are computed at once where nothing is kept: enough for a full product, few enough for the cache. */
const ROWS = 256;

/** Steps of a plan that follow each other, and their packed rows. */
export interface Chunk {
  /** The first step, and how many. */
  step: number;
  steps: number;
  /** The first row, and how many. */
  row: number;
  rows: number;
}

/** A plan in one piece. */
export function wholeOf({ steps, rows }: Plan): Chunk[] {
  return [{ step: 0, steps, row: 0, rows }];
}

/** Cuts a plan into pieces of about 256 rows. */
export function chunksOf(plan: Plan): Chunk[] {
  return cut(plan, (chunk, rows) => chunk.rows + rows <= ROWS);
}

/**
 * Cuts a plan into pieces of about the root of its steps: as many states are kept at their borders as rows are computed
 * again at once, where the sum of both is smallest.
 */
export function segmentsOf(plan: Plan): Chunk[] {
  const length = Math.ceil(Math.sqrt(plan.steps));
  return cut(plan, (chunk) => chunk.steps < length);
}

/** Cuts a plan: each piece takes at least one step (if there is one), and more as long as `fits` says so. */
function cut(plan: Plan, fits: (chunk: Chunk, rows: number) => boolean): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: Chunk | undefined;
  for (const [step, rows] of plan.sizes.entries()) {
    if (chunk === undefined || !fits(chunk, rows)) {
      chunk = { step, steps: 0, row: chunk === undefined ? 0 : chunk.row + chunk.rows, rows: 0 };
      chunks.push(chunk);
    }
    chunk.steps++;
    chunk.rows += rows;
  }
  return chunks.length > 0 ? chunks : wholeOf(plan);
}
