import { breastCancer } from 'dl:data';
import { table } from 'dl:display';
import { novelty, outlier, rocAucScore } from '@dl/anomaly';

// Benign cells are the usual, malignant ones the anomalies.
const { rows, labels } = await breastCancer();
const benign = rows.filter((_, i) => labels[i] === 0);
const malignant = rows.filter((_, i) => labels[i] === 1);

// Outlier task: one data set, with some malignant among the benign. It is judged itself.
const mixed = [...benign, ...malignant.slice(0, 40)].map((row) => [...row]);
const isMixed = [...benign.map(() => 0), ...malignant.slice(0, 40).map(() => 1)];
// Novelty task: the first 250 benign cells are learnt, all others are new.
const clean = benign.slice(0, 250).map((row) => [...row]);
const fresh = [...benign.slice(250), ...malignant].map((row) => [...row]);
const isFresh = [...benign.slice(250).map(() => 0), ...malignant.map(() => 1)];

const scaler = 'standard' as const; // features have different units
const detectors = {
  IsolationForest: [new outlier.IsolationForest({ scaler }), new novelty.IsolationForest({ scaler })],
  LocalOutlierFactor: [new outlier.LocalOutlierFactor({ scaler }), new novelty.LocalOutlierFactor({ scaler })],
  KNearestNeighbors: [new outlier.KNearestNeighbors({ scaler }), new novelty.KNearestNeighbors({ scaler })],
  Mahalanobis: [new outlier.Mahalanobis({ scaler }), new novelty.Mahalanobis({ scaler })],
} as const;

const results = Object.entries(detectors).map(([detector, [judge, learner]]) => {
  judge.fitPredict(mixed);
  const learnt = learner.fit(clean).scoreSamples(fresh);
  // Scores are bigger for more normal, the metric wants them bigger for more abnormal.
  const auc = (scores: Float64Array, truth: number[]) =>
    rocAucScore(
      scores.map((score) => -score),
      truth,
    ).toFixed(3);
  return { detector, outlier: auc(judge.scores, isMixed), novelty: auc(learnt, isFresh) };
});
table('ROC-AUC: 0.5 is guessing, 1 is perfect', results);
