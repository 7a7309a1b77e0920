import { FormatError, NotFittedError, NumericsError, ShapeError } from '../errors';
import { type NdArray, type NestedNumbers, sizeOf, toNdArray } from './nd-array';

/** Numbers of one feature. */
export type OneFeature = Float32Array | Float64Array | readonly number[];
/** Numbers whose last axis counts the features: `[n, features]`, `[batch, time, features]`. */
export type ManyFeatures = NdArray | readonly NestedNumbers[];

/** What a fitted scaler knows of a feature: y = (x - shift) * factor + base. */
export interface AffineMap {
  shift: number;
  factor: number;
  base: number;
}

/** Scales each feature by an affine map that is learnt from training data. */
export abstract class Scaler {
  #maps: readonly AffineMap[] | undefined;

  /** The map of one feature, from its training values without NaN (which scikit-learn's scalers pass over as well). */
  protected abstract learn(values: Float64Array): AffineMap;

  /** Of a new scaler of the same kind, with these maps. */
  protected abstract like(maps: readonly AffineMap[]): this;

  /** Brings a scaled number into the allowed range. */
  protected bound(y: number): number {
    return y;
  }

  protected get maps(): readonly AffineMap[] {
    if (this.#maps === undefined) {
      throw new NotFittedError(`${this.constructor.name}: call fit(training data) first`);
    }
    return this.#maps;
  }

  protected set maps(maps: readonly AffineMap[]) {
    this.#maps = maps;
  }

  /** Number of features seen by `fit`. */
  get features(): number {
    return this.maps.length;
  }

  /**
   * Learns from training data, and from nothing else: the past of a series, never its test part. What was learnt before
   * is forgotten.
   *
   * @throws ShapeError for no data
   * @throws NumericsError for Infinity
   */
  fit(data: OneFeature | ManyFeatures): this {
    const { values, shape, features } = table(data, this.constructor.name);
    if (values.length === 0) {
      throw new ShapeError(this.constructor.name, 'there is nothing to fit', [{ label: 'data', shape }]);
    }
    const rows = values.length / features;
    this.#maps = Array.from({ length: features }, (_, f) => {
      const column = Float64Array.from({ length: rows }, (_, row) => values[row * features + f]!);
      const infinite = column.findIndex((v) => Math.abs(v) === Number.POSITIVE_INFINITY);
      if (infinite >= 0) {
        throw new NumericsError(`${this.constructor.name}: feature ${f} is ${column[infinite]} at row ${infinite}`);
      }
      return this.learn(column.filter((v) => !Number.isNaN(v)));
    });
    return this;
  }

  /**
   * Scales data; returns new arrays.
   *
   * @throws NotFittedError before `fit`
   * @throws ShapeError where the last axis has another number of features than at `fit`
   */
  transform(data: OneFeature): Float32Array;
  transform(data: ManyFeatures): NdArray<Float32Array>;
  transform(data: OneFeature | ManyFeatures): Float32Array | NdArray<Float32Array> {
    return this.#apply(data, (x, { shift, factor, base }) => this.bound((x - shift) * factor + base));
  }

  /** Takes scaled data back to the original units; scikit-learn's `inverse_transform`. */
  inverse(data: OneFeature): Float32Array;
  inverse(data: ManyFeatures): NdArray<Float32Array>;
  inverse(data: OneFeature | ManyFeatures): Float32Array | NdArray<Float32Array> {
    return this.#apply(data, (y, { shift, factor, base }) => (y - base) / factor + shift);
  }

  /** The scaler of some features alone: to take a forecast of `targets: [2]` back to its units. */
  columns(features: readonly number[]): this {
    return this.like(
      features.map((feature) => {
        const map = this.maps[feature];
        if (map === undefined) {
          throw new ShapeError(this.constructor.name, `there is no feature ${feature}: ${this.features} were fitted`);
        }
        return map;
      }),
    );
  }

  #apply(data: OneFeature | ManyFeatures, f: (value: number, map: AffineMap) => number) {
    const maps = this.maps;
    const { values, shape, features } = table(data, this.constructor.name);
    if (features !== maps.length) {
      throw new ShapeError(
        this.constructor.name,
        `the data has ${features} features, the scaler was fitted on ${maps.length}`,
        [{ label: 'data', shape }],
        maps.length > 1 ? 'columns([...]) gives the scaler of some features' : undefined,
      );
    }
    const out = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) out[i] = f(values[i]!, maps[i % maps.length]!);
    return isOneFeature(data) ? out : { data: out, shape };
  }
}

/** Reads a list of finite numbers from the JSON of a scaler. */
export function numberList(json: unknown, kind: string, field: string): number[] {
  const list = (json as Record<string, unknown> | null)?.[field];
  if ((json as { kind?: unknown } | null)?.kind !== kind || !Array.isArray(list) || !list.every(Number.isFinite)) {
    throw new FormatError(`this is not a saved ${kind}: '${field}' should be a list of numbers`);
  }
  return list as number[];
}

function isOneFeature(data: OneFeature | ManyFeatures): data is OneFeature {
  return ArrayBuffer.isView(data) || (Array.isArray(data) && !Array.isArray(data[0]));
}

interface Table {
  values: ArrayLike<number>;
  shape: readonly number[];
  features: number;
}

function table(data: OneFeature | ManyFeatures, where: string): Table {
  // Lists of numbers are not rounded to float32 on their way in.
  if (isOneFeature(data)) return { values: data, shape: [data.length], features: 1 };
  const { data: values, shape } = toNdArray(data)!;
  if (shape.length === 0 || sizeOf(shape) !== values.length) {
    throw new ShapeError(where, `the shape does not hold ${values.length} numbers`, [{ label: 'data', shape }]);
  }
  return { values, shape, features: shape.length === 1 ? 1 : shape.at(-1)! };
}
