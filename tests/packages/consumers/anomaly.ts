import { decodeDetector, encodeDetector, key, novelty, outlier, type Rows } from '@dl/anomaly';

/** Fits a detector for each task; "loss" is the share of wrong labels, before and after the fit that counts. */
export default async function train(): Promise<{ before: number; after: number }> {
  const rows: Rows = Array.from({ length: 100 }, (_, i) =>
    [...key(3).fold(i).normal(3)].map((v) => (i < 5 ? 9 + v : v)),
  );
  const wrong = (labels: Int8Array) =>
    labels.reduce((sum, label, i) => sum + Number(label !== (i < 5 ? -1 : 1)), 0) / 100;
  const judged = new outlier.KNearestNeighbors({ contamination: 0.05, nNeighbors: 10 });
  const after = wrong(judged.fitPredict(rows));
  const detector = new novelty.IsolationForest({ nEstimators: 20 }).fit(rows);
  const copy = decodeDetector(encodeDetector(detector));
  if (copy.task !== 'novelty') throw new Error('the file holds a detector of the other task');
  if (copy.scoreSamples(rows).join() !== detector.scoreSamples(rows).join())
    throw new Error('the copy scores otherwise');
  return { before: wrong(new Int8Array(100).fill(1)), after };
}
