import type { Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, either, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { momentsOf } from '../linear-algebra/covariance';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen';
import { squaredDistances } from '../linear-algebra/whitening';

/** Options of `PCA`. */
export interface PCAOptions extends ShareOptions {
  /**
   * How many components make up a row: a whole number from 1 on, or a share of the variance between 0 and 1, for which as
   * many are taken as are needed.
   * @default 0.9
   */
  nComponents?: number;
}

/** What a fitted `PCA` keeps. */
export type PCAState = {
  /** `[features]` */
  mean: Float64Array;
  /** The directions of largest variance, `[components, features]`. */
  components: Float64Array;
  /** The other directions, `[features - components, features]`. */
  residualDirections: Float64Array;
  /** Share of the variance of each component, `[components]`. */
  explainedVarianceRatio: Float64Array;
};

/**
 * What the directions of largest variance leave unexplained: score = -mean over features of the squared difference between a
 * row and its reconstruction. Contaminated training data turns the components towards the outliers: a tool for novelty
 * detection. Additive: the squared differences are the contributions.
 * Pearson (1901); scikit-learn's `PCA` and `inverse_transform`.
 */
export const pca: Definition<PCAOptions, PCAState> = {
  name: 'PCA',
  ranges: { ...shareRanges, nComponents: either(between(0.9, '()', 0, 1), whole(1)) },
  fit(rows, options) {
    const d = rows.columns;
    const { mean, covariance } = momentsOf(rows);
    const { values, vectors } = symmetricEigen(covariance, d);
    const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
    const ratio = values.map((value) => (total === 0 ? 0 : Math.max(0, value) / total));
    const count = componentsOf(options, ratio, rows);
    if (count === d) warn('PCA', `all ${d} components reconstruct every row: there is nothing left to score by`);
    return {
      state: {
        mean,
        components: vectors.slice(0, count * d),
        residualDirections: vectors.slice(count * d),
        explainedVarianceRatio: ratio.slice(0, count),
      },
    };
  },
  score({ mean, residualDirections }, rows) {
    const d = rows.columns;
    const rest = residualDirections.length / d;
    if (rest === 0) return new Float64Array(rows.rows);
    const whitening = { matrix: residualDirections, rows: rest, triangular: false };
    return squaredDistances(rows, mean, whitening).map((distance) => -distance / d);
  },
  explain({ mean, residualDirections }, { data, rows, columns: d }) {
    const contributions = new Float64Array(data.length);
    const rest = residualDirections.length / d;
    const [centred, difference] = [new Float64Array(d), new Float64Array(d)];
    for (let i = 0; i < rows; i++) {
      for (let f = 0; f < d; f++) centred[f] = data[i * d + f]! - mean[f]!;
      difference.fill(0);
      for (let r = 0; r < rest; r++) {
        let along = 0;
        for (let f = 0; f < d; f++) along += residualDirections[r * d + f]! * centred[f]!;
        for (let f = 0; f < d; f++) difference[f]! += along * residualDirections[r * d + f]!;
      }
      for (let f = 0; f < d; f++) contributions[i * d + f] = difference[f]! ** 2 / d;
    }
    return contributions;
  },
  layout: {
    mean: 'float64',
    components: 'float64',
    residualDirections: 'float64',
    explainedVarianceRatio: 'float64',
  },
  faultOf({ mean, components, residualDirections, explainedVarianceRatio }, columns) {
    if (mean.length !== columns) return `a mean of ${mean.length} features, not ${columns}`;
    return components.length === explainedVarianceRatio.length * columns &&
      components.length + residualDirections.length === columns ** 2
      ? undefined
      : `${components.length} and ${residualDirections.length} numbers for the directions of ${columns} features`;
  },
};

function componentsOf({ nComponents }: Complete<PCAOptions>, ratio: Float64Array, rows: Matrix): number {
  const d = rows.columns;
  if (nComponents >= 1) {
    const most = Math.min(d, rows.rows);
    if (nComponents > most) {
      warn(
        'PCA',
        `nComponents (${nComponents}) is more than ${rows.rows} rows of ${d} features have: it is set to ${most}`,
      );
    }
    return Math.min(nComponents, most);
  }
  // scikit-learn: one more than there are shares whose sum does not reach it
  let [sum, count] = [0, 0];
  while (count < d && sum + ratio[count]! <= nComponents) sum += ratio[count++]!;
  return Math.min(d, count + 1);
}
