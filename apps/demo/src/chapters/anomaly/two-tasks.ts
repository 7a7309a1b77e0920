import { novelty, outlier, rocAucScore } from '@dl/anomaly';
import type { Section } from '../../chapter';
import { table } from '../../table';
import { readBreastCancer, type Task } from './breast-cancer';

const SCALED = { scaler: 'standard' } as const;

interface Contender {
  title: string;
  judge: (task: Task) => Float64Array;
  learn: (task: Task) => Float64Array;
  /** scikit-learn's ROC-AUC (numpy's, for methods that it has not); undefined where none was computed. */
  reference?: (task: Task) => number;
  /** How far below the reference the figure may lie: random methods and local optima differ. */
  allowed: (task: Task) => number;
}

interface Judge {
  fitPredict(x: number[][]): unknown;
  readonly scores: Float64Array;
}

interface Learner {
  fit(x: number[][]): { scoreSamples(x: number[][]): Float64Array };
}

function contender(
  title: string,
  judge: (task: Task) => Judge,
  learner: (task: Task) => Learner,
  reference?: Contender['reference'],
  allowed: Contender['allowed'] = () => 1e-3,
): Contender {
  return {
    title,
    judge(task) {
      const detector = judge(task);
      detector.fitPredict(task.train);
      return detector.scores;
    },
    learn: (task) => learner(task).fit(task.train).scoreSamples(task.test),
    ...(reference && { reference }),
    allowed,
  };
}

const auc = (block: string) => (task: Task) => task.figure(block, 'roc_auc');

/** Options read from the file are those of the figures beside them. */
const contenders: readonly Contender[] = [
  contender(
    'COPOD',
    () => new outlier.COPOD(SCALED),
    () => new novelty.COPOD(SCALED),
    auc('pyod_copod'),
  ),
  contender(
    'ECOD',
    () => new outlier.ECOD(SCALED),
    () => new novelty.ECOD(SCALED),
    auc('pyod_ecod'),
  ),
  contender(
    'HBOS',
    () => new outlier.HBOS(SCALED),
    () => new novelty.HBOS(SCALED),
    auc('hbos10'),
  ),
  contender(
    'IsolationForest',
    () => new outlier.IsolationForest(SCALED),
    () => new novelty.IsolationForest(SCALED),
    (task) => task.figure('iforest', 'auc_mean'),
    (task) => 3 * task.figure('iforest', 'auc_sd'),
  ),
  contender(
    'KNearestNeighbors, 5',
    () => new outlier.KNearestNeighbors(SCALED),
    () => new novelty.KNearestNeighbors(SCALED),
    auc('knn5_kth'),
  ),
  contender(
    'KNearestNeighbors, mean of 20',
    () => new outlier.KNearestNeighbors({ ...SCALED, nNeighbors: 20, method: 'mean' }),
    () => new novelty.KNearestNeighbors({ ...SCALED, nNeighbors: 20, method: 'mean' }),
    auc('knn20_mean'),
  ),
  contender(
    'LocalOutlierFactor',
    () => new outlier.LocalOutlierFactor(SCALED),
    () => new novelty.LocalOutlierFactor(SCALED),
    auc('lof'),
  ),
  contender(
    'OneClassSVM, nu 0.1',
    () => new outlier.OneClassSVM({ ...SCALED, nu: 0.1, tol: 1e-8 }),
    () => new novelty.OneClassSVM({ ...SCALED, nu: 0.1, tol: 1e-8 }),
    (task) => task.figure('ocsvm_rbf', 'tight_tol', 'roc_auc'),
  ),
  contender(
    'EllipticEnvelope',
    () => new outlier.EllipticEnvelope(SCALED),
    () => new novelty.EllipticEnvelope(SCALED),
    auc('elliptic_envelope'),
    () => 0.02,
  ),
  contender(
    'Mahalanobis',
    () => new outlier.Mahalanobis(SCALED),
    () => new novelty.Mahalanobis(SCALED),
    (task) => task.figure('elliptic_envelope', 'empirical_mahalanobis_auc'),
  ),
  contender(
    'GaussianMixture, 2',
    (task) => new outlier.GaussianMixture(mixture(task)),
    (task) => new novelty.GaussianMixture(mixture(task)),
    auc('gmm'),
    () => 0.03,
  ),
  contender(
    'PCA, 8',
    (task) => new outlier.PCA({ ...SCALED, nComponents: task.figure('pca', 'n_components') }),
    (task) => new novelty.PCA({ ...SCALED, nComponents: task.figure('pca', 'n_components') }),
    auc('pca'),
  ),
  contender(
    'LODA',
    () => new outlier.LODA(SCALED),
    () => new novelty.LODA(SCALED),
  ),
  contender(
    'INNE',
    () => new outlier.INNE(SCALED),
    () => new novelty.INNE(SCALED),
  ),
  contender(
    'RankEnsemble',
    () => new outlier.RankEnsemble(SCALED),
    () => new novelty.RankEnsemble(SCALED),
  ),
];

function mixture(task: Task) {
  return {
    ...SCALED,
    nComponents: task.figure('gmm', 'n_components'),
    regCovar: task.figure('gmm', 'reg_covar'),
    nInit: task.figure('gmm', 'n_init'),
  };
}

/** Every classical detector in both tasks, on the same data. */
export const twoTasks: Section = {
  name: 'breast cancer, two tasks',
  title: 'Malignant cells as anomalies: found among the others, or told by benign ones alone',
  run({ print, signal }) {
    const data = readBreastCancer();
    const measured = contenders.map((one) => {
      signal.throwIfAborted();
      const figures = (
        [
          [data.outlier, one.judge],
          [data.novelty, one.learn],
        ] as const
      ).map(([task, score]) => {
        const found = rocAucScore(
          score(task).map((value) => -value),
          task.malignant,
        );
        const reference = one.reference?.(task);
        return { found, reference, reached: reference === undefined || found >= reference - one.allowed(task) };
      });
      return { title: one.title, judged: figures[0]!, learnt: figures[1]! };
    });
    const rank = (of: 'judged' | 'learnt', found: number) =>
      1 + measured.filter((other) => other[of].found > found).length;
    const ordered = [...measured].sort((a, b) => b.judged.found - a.judged.found);
    const cell = (value: number | undefined) => value?.toFixed(3) ?? '-';
    print(
      table(
        ['detector', 'outlier', 'scikit-learn', 'rank', 'novelty', 'scikit-learn', 'rank'],
        ordered.map(({ title, judged, learnt }) => [
          title,
          cell(judged.found),
          cell(judged.reference),
          `${rank('judged', judged.found)}`,
          cell(learnt.found),
          cell(learnt.reference),
          `${rank('learnt', learnt.found)}`,
        ]),
      ),
    );
    const { outlier: contaminated, novelty: clean } = data;
    const sick = contaminated.malignant.reduce((a, b) => a + b, 0);
    print(
      `ROC-AUC. Outlier: ${contaminated.train.length} rows, ${sick} of them malignant, judged among themselves. Novelty: ` +
        `${clean.train.length} benign rows learnt, ${clean.test.length} others judged.`,
    );
    const moves = ordered.map(({ title, judged, learnt }) => ({
      title,
      by: rank('judged', judged.found) - rank('learnt', learnt.found),
    }));
    const [up, down] = [moves.reduce((a, b) => (b.by > a.by ? b : a)), moves.reduce((a, b) => (b.by < a.by ? b : a))];
    print(`With clean training rows ${up.title} rises by ${up.by} places, and ${down.title} falls by ${-down.by}.`);
    const compared = measured
      .flatMap(({ judged, learnt }) => [judged, learnt])
      .filter((one) => one.reference !== undefined);
    const reached = compared.filter((one) => one.reached).length;
    const best = (of: 'judged' | 'learnt') => [...measured].sort((a, b) => b[of].found - a[of].found)[0]!;
    return {
      result: `${reached} of ${compared.length} figures as scikit-learn; best: ${best('judged').title}, then ${best('learnt').title}`,
      reference: 'all, and the ranking changes with the task',
      reached: reached === compared.length && up.by >= 3 && down.by <= -3,
    };
  },
};
