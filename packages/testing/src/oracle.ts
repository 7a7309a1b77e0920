import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A tensor of a golden file, row-major. */
export interface OracleTensor {
  shape: number[];
  /** `f` float, `i` integer, `b` boolean. */
  dtype: 'f' | 'i' | 'b';
  data: number[];
}

/** One golden case: what went in, what came out, and how far float32 itself is off. */
export interface OracleCase<Params = Record<string, unknown>> {
  name: string;
  op: string;
  params: Params;
  inputs: Record<string, OracleTensor>;
  outputs: Record<string, OracleTensor>;
  /** Upstream gradients: the loss is the sum of outputs times these. */
  grad_outputs?: Record<string, OracleTensor>;
  /** dloss/dinput by input name. */
  grads?: Record<string, OracleTensor>;
  /** Largest |float32 - float64| of the reference itself, by output name and by `grad:` + input name. */
  f32_noise?: Record<string, number>;
  /** Of `training` only. */
  data?: Record<string, OracleTensor>;
  /** Of `training` only: the parameters at the start. */
  weights?: Record<string, OracleTensor>;
}

/** A file of golden cases. */
export interface OracleFile {
  meta: { group: string; split: string; reference: string; note: string };
  cases: OracleCase[];
}

/**
 * Reads a file of golden values: `readOracle('torch', 'losses')`. The folder is the one that `ORACLE_TORCH_DIR` names,
 * else `fixtures/torch` of this repository. Tests read cases by `op` and `params`, never by name or count, so that files
 * made from another seed run unchanged.
 *
 * @param source `torch` or `sklearn`
 * @param group the file's name without its ending
 */
export function readOracle(source: 'torch' | 'sklearn', group: string): OracleFile {
  const folder = process.env[`ORACLE_${source.toUpperCase()}_DIR`] ?? fixtures(source);
  return JSON.parse(readFileSync(join(folder, `${group}.json`), 'utf8')) as OracleFile;
}

function fixtures(source: string): string {
  for (let at = process.cwd(); ; at = dirname(at)) {
    const folder = join(at, 'fixtures', source);
    if (existsSync(folder)) return folder;
    if (at === dirname(at)) throw new Error(`no folder fixtures/${source} above ${process.cwd()}`);
  }
}

/** The largest error that counts as equal: 20 times the reference's own float32 error, at least 1e-5 of its scale. */
export function oracleTolerance(reference: OracleTensor, noise = 0): number {
  const scale = reference.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return Math.max(20 * noise, 1e-5 * scale);
}
