import type { Plan } from './plan';

/** Rows that are projected at once where nothing is kept: enough for a full product, few enough for the cache. */
const ROWS = 256;

/** Steps of a plan that follow each other, and their packed rows. */
export interface Chunk {
  /** The first step, and how many. */
  step: number;
  steps: number;
  /** The first row, and how many. */
  row: number;
  rows: number;
  /** Row of the first sequence in the step before; -1 at the first step. */
  before: number;
}

/** Cuts a plan into pieces of about 256 rows. */
export function chunksOf(plan: Plan): Chunk[] {
  const chunks: Chunk[] = [];
  let row = 0;
  for (let step = 0; step < plan.steps; ) {
    let rows = 0;
    let end = step;
    while (end < plan.steps && (end === step || rows + plan.sizes[end]! <= ROWS)) rows += plan.sizes[end++]!;
    chunks.push({ step, steps: end - step, row, rows, before: step === 0 ? -1 : row - plan.sizes[step - 1]! });
    row += rows;
    step = end;
  }
  return chunks;
}

/** Rows of the largest chunk. */
export function chunkRows(chunks: readonly Chunk[]): number {
  return chunks.reduce((most, { rows }) => Math.max(most, rows), 0);
}
