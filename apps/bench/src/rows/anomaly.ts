import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NoveltyDetector, novelty } from '@dl/anomaly';
import { novelty as deep } from '@dl/anomaly/deep';
import { key } from '@dl/core';
import type { Row } from '../row';

const D = 32;

/** A recipe of rows: 95 % in four clusters of low rank with noise, 5 % anywhere; the clusters are the same for every seed. */
function makeRows(rows: number, seed: number): Float32Array {
  const population = key(12345);
  const centers = population.child('centers').uniform([4, D], { min: -4, max: 4 });
  const directions = population.child('directions').normal([4, 8, D]);
  const own = key(seed);
  const which = own.child('cluster').integers(rows, 0, 4);
  const along = own.child('along').normal([rows, 8]);
  const x = own.child('noise').normal([rows, D], { std: 0.3 });
  const anywhere = own.child('anywhere').uniform([rows, D], { min: -12, max: 12 });
  const outlier = own.child('outlier').uniform(rows);
  for (let i = 0; i < rows; i++) {
    const c = which[i]!;
    for (let f = 0; f < D; f++) {
      let value = x[i * D + f]! + centers[c * D + f]!;
      for (let r = 0; r < 8; r++) value += along[i * 8 + r]! * directions[(c * 8 + r) * D + f]!;
      x[i * D + f] = outlier[i]! < 0.05 ? anywhere[i * D + f]! : value;
    }
  }
  return x;
}

/** Files that both sides read: float32, row-major. */
const files = new Map<string, { path: string; rows: Float32Array }>();
let folder: string | undefined;

function file(rows: number, seed: number): { path: string; rows: Float32Array } {
  const name = `rows_${rows}_${seed}.f32`;
  let made = files.get(name);
  if (made === undefined) {
    if (folder === undefined) {
      const created = mkdtempSync(join(tmpdir(), 'dl-bench-'));
      folder = created;
      process.on('exit', () => rmSync(created, { recursive: true, force: true }));
    }
    made = { path: join(folder, name), rows: makeRows(rows, seed) };
    writeFileSync(made.path, made.rows);
    files.set(name, made);
  }
  return made;
}

type AnyNovelty = NoveltyDetector<object, unknown>;

interface Options {
  detector: string;
  make: () => AnyNovelty;
  rows?: number;
  goals: { fit?: number; score?: number; row?: number };
  npm?: { fit: number; score: number };
}

const NAMES = { fit: 'fit', score: 'score 10k new', row: 'score one row' } as const;

/** Rows of one detector: to fit it, to score 10 000 new rows, to score one. */
function rowsOf({ detector, make, rows = 10_000, goals, npm }: Options): Row[] {
  return (Object.keys(goals) as (keyof typeof goals)[]).map((phase) => ({
    name: `${detector} ${NAMES[phase]}, ${rows / 1000}k x ${D}`,
    goals: { sklearn: goals[phase]!, ...(npm && phase !== 'row' && { npm: npm[phase] }) },
    slow: true,
    tfjs: false,
    get task() {
      return { op: 'anomaly', detector, phase, train: file(rows, 0).path, test: file(10_000, 1).path, columns: D };
    },
    ours() {
      // Ours works in float64, as scikit-learn does with what it is given here.
      const train = { data: Float64Array.from(file(rows, 0).rows), shape: [rows, D] };
      const test = { data: Float64Array.from(file(10_000, 1).rows), shape: [10_000, D] };
      const one = { data: test.data.subarray(0, D), shape: [1, D] };
      const fitted = phase === 'fit' ? undefined : make().fit(train);
      return {
        step() {
          if (fitted === undefined) make().fit(train);
          else fitted.scoreSamples(phase === 'row' ? one : test);
          return undefined;
        },
        dispose() {},
      };
    },
  }));
}

/** Against scikit-learn, and against the isolation forests of npm. */
export const anomalyRows: readonly Row[] = [
  ...rowsOf({
    detector: 'IsolationForest',
    make: () => new novelty.IsolationForest(),
    goals: { fit: 1, score: 6, row: 300 },
    npm: { fit: 5, score: 5 },
  }),
  ...rowsOf({
    detector: 'LocalOutlierFactor',
    make: () => new novelty.LocalOutlierFactor(),
    goals: { fit: 1, score: 1 },
  }),
  ...rowsOf({
    detector: 'LocalOutlierFactor',
    make: () => new novelty.LocalOutlierFactor(),
    rows: 100_000,
    goals: { score: 1 },
  }),
  ...rowsOf({
    detector: 'OneClassSVM',
    make: () => new novelty.OneClassSVM({ nu: 0.1, cacheSize: 1000 }),
    goals: { fit: 0.8, score: 2 },
  }),
  ...rowsOf({
    detector: 'EllipticEnvelope',
    make: () => new novelty.EllipticEnvelope({ contamination: 0.05 }),
    goals: { fit: 3 },
  }),
  ...rowsOf({ detector: 'ECOD', make: () => new novelty.ECOD(), goals: { fit: 1, score: 3 } }),
  ...rowsOf({
    detector: 'GaussianMixture',
    make: () => new novelty.GaussianMixture({ nComponents: 4, maxIter: 50 }),
    goals: { fit: 1 },
  }),
  ...rowsOf({
    detector: 'AutoEncoder',
    // as the peer: 32-16-8-16-32, 10 times through the rows as they are
    make: () =>
      new deep.AutoEncoder({ hiddenSizes: [16, 8], activation: 'relu', epochs: 10, batchSize: 256, scaler: 'none' }),
    goals: { fit: 0.7 },
  }),
];
