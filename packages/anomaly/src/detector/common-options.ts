import { between, either, oneOf, type Ranges } from './ranges';

/** What every detector may be told about its data. */
export interface DataOptions {
  /**
   * What to do with NaN (and holes in rows). `error`: refuse it. `impute`: put the median of the training data in its place.
   * `skip`: do without it. Where the score is a sum over features or projections (HBOS, ECOD, COPOD, LODA) those that are missing
   * are left out of it. Every other detector learns from the rows without holes, and does not judge a row with one: its score is
   * NaN, its label 0. In a series, so it is with the times whose window has a hole.
   * @default 'error'
   */
  missing?: 'error' | 'impute' | 'skip';
  /**
   * How features are scaled, by what the training data alone says: mean and standard deviation, smallest and largest,
   * or median and interquartile range. Distances and densities mean little where units differ.
   * @default 'none'
   */
  scaler?: 'none' | 'standard' | 'minMax' | 'robust';
}

/** Ranges of `DataOptions`. */
export const dataRanges: Ranges<DataOptions> = {
  missing: oneOf('error', ['error', 'impute', 'skip']),
  scaler: oneOf('none', ['none', 'standard', 'minMax', 'robust']),
};

/** The share of outliers, for detectors without a threshold of their own. */
export interface ShareOptions extends DataOptions {
  /**
   * The share of training rows that fall below the threshold; 0 < contamination <= 0.5.
   * @default 0.1
   */
  contamination?: number;
}

/** Ranges of `ShareOptions`. */
export const shareRanges: Ranges<ShareOptions> = {
  ...dataRanges,
  contamination: between(0.1, '(]', 0, 0.5),
};

/** The share of outliers, for detectors whose paper names a threshold. */
export interface AutoOptions extends DataOptions {
  /**
   * `auto`: the threshold of the method's paper. A number: the share of training rows that fall below the threshold;
   * 0 < contamination <= 0.5.
   * @default 'auto'
   */
  contamination?: 'auto' | number;
}

/** Ranges of `AutoOptions`. */
export const autoRanges: Ranges<AutoOptions> = {
  ...dataRanges,
  contamination: either<'auto', number>(oneOf('auto', ['auto']), between(0.1, '(]', 0, 0.5)),
};
