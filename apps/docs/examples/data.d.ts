/** Real data that this site serves; in Node the same files are read from disk. Sources are named in NOTICE. */
declare module 'dl:data' {
  /** Handwritten digits of MNIST: 2,000 to train on and 500 to test with. */
  export function digits(): Promise<{ readonly train: Digits; readonly test: Digits }>;
  export interface Digits {
    readonly count: number;
    /** Grey values `[count, height=28, width=28, channels=1]`, 0 to 1. */
    readonly images: Float32Array;
    /** The digit of each image. */
    readonly labels: Int32Array;
  }

  /** Daily weather of Seattle, 2012 to 2015. */
  export function weather(): Promise<{
    readonly dates: readonly string[];
    /** Maximum temperature in degrees Celsius. */
    readonly maximum: Float32Array;
    /** Minimum temperature in degrees Celsius. */
    readonly minimum: Float32Array;
    /** Wind in metres per second. */
    readonly wind: Float32Array;
  }>;

  /** Korean dates as people write them, with their ISO form; no date of `test` occurs in `train`. */
  export function dates(): Promise<{ readonly train: readonly Pair[]; readonly test: readonly Pair[] }>;
  /** English words with their pronunciation in ARPAbet phonemes. */
  export function pronunciations(): Promise<{ readonly train: readonly Pair[]; readonly test: readonly Pair[] }>;
  export type Pair = readonly [source: string, target: string];

  /** Wisconsin breast cancer: 569 samples of 30 features; `labels` is 1 for malignant. */
  export function breastCancer(): Promise<{
    readonly rows: readonly Float32Array[];
    readonly labels: Int32Array;
    readonly features: readonly string[];
  }>;
}
