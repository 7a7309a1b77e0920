import { scatter, table } from 'dl:display';
import { key, novelty, outlier, recommend, rocAucScore } from '@dl/anomaly';

// Two clouds of normal rows and ten rows from anywhere, as scikit-learn's own comparison of detectors has them.
const cloud = (seed: number, count: number, [cx, cy]: readonly [number, number]) => {
  const noise = key(seed).normal(2 * count);
  return Array.from({ length: count }, (_, i) => [cx + 0.3 * (noise[2 * i] ?? 0), cy + 0.3 * (noise[2 * i + 1] ?? 0)]);
};
const clean = [...cloud(0, 100, [2, 2]), ...cloud(1, 100, [-2, -2])];
const far = key(2).uniform(20);
const rows = [
  ...clean,
  ...Array.from({ length: 10 }, (_, i) => [8 * (far[2 * i] ?? 0) - 4, 8 * (far[2 * i + 1] ?? 0) - 4]),
];
const truth = rows.map((_, i) => (i < clean.length ? 0 : 1));

// The outlier task: these rows are judged. LocalOutlierFactor(n_neighbors=35, contamination=0.05).fit_predict(X)
const lof = new outlier.LocalOutlierFactor({ nNeighbors: 35, contamination: 0.05 });
const labels = lof.fitPredict(rows);
const points = (wanted: number) => rows.filter((_, i) => labels[i] === wanted).map(([x = 0, y = 0]) => [x, y] as const);
scatter('LocalOutlierFactor', { inlier: points(1), outlier: points(-1) });

// The novelty task: learnt from clean rows. Scores are bigger for more normal, roc_auc_score wants the opposite.
const detectors = {
  IsolationForest: new novelty.IsolationForest({ key: key(3) }),
  LocalOutlierFactor: new novelty.LocalOutlierFactor({ nNeighbors: 35 }),
  OneClassSVM: new novelty.OneClassSVM({ nu: 0.05, gamma: 0.1 }),
  EllipticEnvelope: new novelty.EllipticEnvelope({ key: key(4) }),
};
table(
  'Novelty detection: ROC-AUC',
  Object.entries(detectors).map(([detector, it]) => {
    const scores = it.fit(clean).scoreSamples(rows);
    return {
      detector,
      'ROC-AUC': Number(
        rocAucScore(
          scores.map((s) => -s),
          truth,
        ).toFixed(3),
      ),
    };
  }),
);
console.log(recommend('novelty', clean).reason);
