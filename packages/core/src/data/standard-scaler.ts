import { FormatError } from '../errors';
import { type AffineMap, type ManyFeatures, numberList, type OneFeature, Scaler } from './scaler';

/** What is kept of a fitted StandardScaler. */
export interface StandardScalerJSON {
  kind: 'standardScaler';
  mean: number[];
  scale: number[];
}

/**
 * Scales each feature to mean 0 and variance 1: y = (x - mean) / scale, with the standard deviation over n (not n - 1). A
 * constant feature is centred and not scaled. scikit-learn's `StandardScaler`.
 */
export class StandardScaler extends Scaler {
  /** Mean of each feature. */
  get mean(): number[] {
    return this.maps.map(({ shift }) => shift);
  }

  /** Standard deviation of each feature, 1 for a constant one. */
  get scale(): number[] {
    return this.maps.map(({ factor }) => 1 / factor);
  }

  protected learn(values: Float64Array): AffineMap {
    const n = values.length;
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    // scikit-learn's `_is_constant_feature`: what rounding alone makes of equal numbers.
    const constant = variance <= n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;
    return { shift: mean, factor: constant ? 1 : 1 / Math.sqrt(variance), base: 0 };
  }

  protected like(maps: readonly AffineMap[]): this {
    const scaler = new StandardScaler();
    scaler.maps = maps;
    return scaler as this;
  }

  /** What was fitted, as plain numbers that `fromJSON` takes back. */
  toJSON(): StandardScalerJSON {
    return { kind: 'standardScaler', mean: this.mean, scale: this.scale };
  }

  /** @throws FormatError for anything but what `toJSON` gives */
  static fromJSON(json: unknown): StandardScaler {
    const mean = numberList(json, 'standardScaler', 'mean');
    const scale = numberList(json, 'standardScaler', 'scale');
    if (mean.length !== scale.length || scale.some((s) => !(s > 0)))
      throw new FormatError('this is not a saved standardScaler');
    return new StandardScaler().like(mean.map((shift, i) => ({ shift, factor: 1 / scale[i]!, base: 0 })));
  }
}

/**
 * A `StandardScaler`, fitted where data is given.
 *
 * @param data training data: one feature, or features along the last axis
 *
 * @example
 * ```ts
 * import { standardScaler } from '@dl/core/data';
 *
 * const series = Float32Array.of(20, 22, 24, 26, 30);
 * const scaler = standardScaler(series.subarray(0, 3)); // on the past only
 * const scaled = scaler.transform(series); // what the model sees
 * scaler.inverse([0]); // [22]
 * ```
 */
export function standardScaler(data?: OneFeature | ManyFeatures): StandardScaler {
  const scaler = new StandardScaler();
  return data === undefined ? scaler : scaler.fit(data);
}
