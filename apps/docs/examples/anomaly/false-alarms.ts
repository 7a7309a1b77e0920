import { scatter, table } from 'dl:display';
import { key, novelty, SplitConformal, withContamination } from '@dl/anomaly';

// Clean rows on a ring, and new ones: half from the ring, half from anywhere.
const ring = (seed: number, count: number) => {
  const [angle, width] = [
    key(seed).uniform(count, { max: 2 * Math.PI }),
    key(seed).child('width').normal(count, { std: 0.1 }),
  ];
  return Array.from(angle, (a, i): [number, number] => [(1 + width[i]!) * Math.cos(a), (1 + width[i]!) * Math.sin(a)]);
};
const usual = ring(1, 500);
const noise = key(2).uniform(1000, { min: -2, max: 2 });
const strange = Array.from({ length: 500 }, (_, i): [number, number] => [noise[2 * i]!, noise[2 * i + 1]!]);

const detector = new novelty.KNearestNeighbors({ nNeighbors: 10, contamination: 0.05 }).fit(ring(3, 400));
const share = (found: ArrayLike<number>) => Array.from(found).filter((label) => label === -1).length / found.length;
const rows = [0.01, 0.05, 0.1, 0.2].map((contamination) => {
  // The same fitted detector with another threshold: nothing is fitted again.
  const strict = withContamination(detector, contamination);
  return {
    contamination,
    'false alarms': share(strict.predict(usual)).toFixed(3),
    found: share(strict.predict(strange)).toFixed(3),
  };
});
table('A threshold trades false alarms for what is found', rows);

// With clean rows that the fit has not seen, the share of false alarms can be promised.
const conformal = new SplitConformal(detector, ring(4, 300));
for (const alpha of [0.05, 0.1]) {
  const [p, q] = [conformal.pValue(usual), conformal.pValue(strange)];
  const below = (values: ArrayLike<number>) =>
    Array.from(values).filter((value) => value <= alpha).length / values.length;
  console.log(`p <= ${alpha}: ${below(p).toFixed(3)} of the usual rows, ${below(q).toFixed(3)} of the strange ones`);
}

const labels = detector.predict(strange);
scatter('New rows by the detector', {
  normal: strange.filter((_, i) => labels[i] === 1),
  abnormal: strange.filter((_, i) => labels[i] === -1),
});
