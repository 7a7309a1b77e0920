/** Mean and standard deviation of the values so far, without keeping them. Welford (1962). */
export class RunningMoments {
  /** Values seen. */
  count = 0;
  /** Their mean. */
  mean = 0;
  #squares = 0;

  /** Takes one more value. */
  add(value: number): void {
    this.count++;
    const before = value - this.mean;
    this.mean += before / this.count;
    this.#squares += before * (value - this.mean);
  }

  /** The sample standard deviation, by n - 1; 0 for fewer than two values. */
  get deviation(): number {
    return this.count < 2 ? 0 : Math.sqrt(this.#squares / (this.count - 1));
  }

  /** All of it: number, mean and sum of squared differences from it. */
  get state(): Float64Array {
    return Float64Array.of(this.count, this.mean, this.#squares);
  }

  /** Goes on from a state. @returns whether it is one */
  resume(state: Float64Array): boolean {
    const [count, mean, squares] = state as unknown as [number, number, number];
    if (state.length !== 3 || !Number.isInteger(count) || count < 0 || !(squares >= 0) || !Number.isFinite(mean))
      return false;
    this.count = count;
    this.mean = mean;
    this.#squares = squares;
    return true;
  }
}

/** Distance in deviations; where nothing has varied yet, any difference is infinitely far. */
export function standardised(value: number, { mean, deviation }: RunningMoments): number {
  if (deviation > 0) return (value - mean) / deviation;
  if (value === mean) return 0;
  return value > mean ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
