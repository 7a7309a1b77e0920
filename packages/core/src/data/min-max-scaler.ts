import { ConfigError, FormatError } from '../errors';
import { type AffineMap, type ManyFeatures, numberList, type OneFeature, Scaler } from './scaler';

/** Options of a `MinMaxScaler`. */
export interface MinMaxOptions {
  /**
   * What the smallest training value becomes.
   * @default 0
   */
  min?: number;
  /**
   * What the largest training value becomes.
   * @default 1
   */
  max?: number;
  /**
   * Whether values outside the training range are brought to its ends.
   * @default false
   */
  clip?: boolean;
}

/** What is kept of a fitted MinMaxScaler. */
export interface MinMaxScalerJSON {
  kind: 'minMaxScaler';
  range: [min: number, max: number];
  clip: boolean;
  dataMin: number[];
  scale: number[];
}

/**
 * Scales each feature to a range, [0, 1] unless said: y = (x - dataMin) / (dataMax - dataMin) * (max - min) + min. A
 * constant feature becomes `min`. scikit-learn's `MinMaxScaler`.
 */
export class MinMaxScaler extends Scaler {
  readonly #min: number;
  readonly #max: number;
  readonly #clip: boolean;

  /** @throws ConfigError where min is not below max */
  constructor({ min = 0, max = 1, clip = false }: MinMaxOptions = {}) {
    super();
    if (!(min < max)) throw new ConfigError('MinMaxScaler', `min ${min} is not below max ${max}`);
    this.#min = min;
    this.#max = max;
    this.#clip = clip;
  }

  /** Smallest training value of each feature. */
  get dataMin(): number[] {
    return this.maps.map(({ shift }) => shift);
  }

  /** Factor of each feature: (max - min) / (dataMax - dataMin), the latter 1 for a constant one. */
  get scale(): number[] {
    return this.maps.map(({ factor }) => factor);
  }

  protected learn(values: Float64Array): AffineMap {
    const smallest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const range = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - smallest;
    // scikit-learn's `_handle_zeros_in_scale`
    const width = range < 10 * Number.EPSILON ? 1 : range;
    return { shift: smallest, factor: (this.#max - this.#min) / width, base: this.#min };
  }

  protected like(maps: readonly AffineMap[]): this {
    const scaler = new MinMaxScaler({ min: this.#min, max: this.#max, clip: this.#clip });
    scaler.maps = maps;
    return scaler as this;
  }

  protected override bound(y: number): number {
    return this.#clip ? Math.min(this.#max, Math.max(this.#min, y)) : y;
  }

  /** What was fitted, as plain numbers that `fromJSON` takes back. */
  toJSON(): MinMaxScalerJSON {
    const { dataMin, scale } = this;
    return { kind: 'minMaxScaler', range: [this.#min, this.#max], clip: this.#clip, dataMin, scale };
  }

  /** @throws FormatError for anything but what `toJSON` gives */
  static fromJSON(json: unknown): MinMaxScaler {
    const dataMin = numberList(json, 'minMaxScaler', 'dataMin');
    const scale = numberList(json, 'minMaxScaler', 'scale');
    const [min = 0, max = 0] = numberList(json, 'minMaxScaler', 'range');
    if (!(min < max) || dataMin.length !== scale.length) throw new FormatError('this is not a saved minMaxScaler');
    const { clip } = json as MinMaxScalerJSON;
    return new MinMaxScaler({ min, max, clip: clip === true }).like(
      dataMin.map((shift, i) => ({ shift, factor: scale[i]!, base: min })),
    );
  }
}

/**
 * A `MinMaxScaler`, fitted where data is given.
 *
 * @param data training data: one feature, or features along the last axis
 *
 * @example
 * ```ts
 * import { minMaxScaler } from '@dl/core/data';
 * minMaxScaler([10, 20, 30]).transform([15, 40]); // [0.25, 1.5]
 * ```
 */
export function minMaxScaler(data?: OneFeature | ManyFeatures, options?: MinMaxOptions): MinMaxScaler {
  const scaler = new MinMaxScaler(options);
  return data === undefined ? scaler : scaler.fit(data);
}
