import { init, key, novelty, outlier } from '@dl/anomaly';
import * as deep from '@dl/anomaly/deep';

/** Two clusters, and a few rows far from both. */
export const rows = Array.from({ length: 200 }, (_, i) => {
  const [x, y] = key(7).fold(i).normal(2);
  return i % 20 === 0 ? [x * 8, y * 8] : [x + (i % 2 ? 3 : -3), y];
});

/** One detector for each task; throws where they do not work. */
export function detect() {
  const labels = new outlier.IsolationForest({ contamination: 0.05 }).fitPredict(rows);
  const found = labels.filter((label) => label === -1).length;
  if (found !== 10) throw new Error(`${found} outliers, not 10`);
  const clean = rows.filter((_, i) => i % 20 !== 0);
  const detector = new novelty.LocalOutlierFactor().fit(clean);
  const [inside, outside] = detector.predict([clean[0], [40, 40]]);
  if (inside !== 1 || outside !== -1) throw new Error(`predicted ${inside} and ${outside}`);
  return detector;
}

/** An autoencoder of two features by way of one; throws where it does not work. */
export async function detectDeep() {
  await init();
  const line = Array.from({ length: 100 }, (_, i) => [Math.sin(i), 2 * Math.sin(i)]);
  const detector = new deep.novelty.AutoEncoder({ learningRate: 0.01 }).fit(line);
  const [on, off] = detector.predict([
    [0.5, 1],
    [1, -2],
  ]);
  if (on !== 1 || off !== -1) throw new Error(`the network predicted ${on} and ${off}`);
  return detector;
}
