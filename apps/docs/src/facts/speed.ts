import type { MeasuredSpeed } from './facts.ts';

type Measured = MeasuredSpeed['rows'][number];

/** Which package a row of the benchmark is of, by what it is named after. */
const packages: readonly (readonly [name: string, rows: RegExp])[] = [
  ['@dl/cnn', /^(conv|depthwise|max-pool|LeNet|VGG|ResNet)/],
  ['@dl/rnn', /^(LSTM|GRU|RNN)/],
  ['@dl/seq2seq-attention', /^(encoder-decoder|multi-head|greedy|beam|transformer)/i],
  [
    '@dl/anomaly',
    /^(IsolationForest|LocalOutlierFactor|OneClassSVM|EllipticEnvelope|ECOD|GaussianMixture|KNearest|Mahalanobis|series|online)/,
  ],
];

/** The rows of each package, in the order of the benchmark; what no package claims is core's. */
export function speedByPackage(rows: readonly Measured[]): ReadonlyMap<string, readonly Measured[]> {
  const found = new Map<string, Measured[]>([
    ['@dl/core', []],
    ...packages.map(([name]) => [name, []] as [string, Measured[]]),
  ]);
  for (const row of rows) {
    const name = packages.find(([, pattern]) => pattern.test(row.name))?.[0] ?? '@dl/core';
    found.get(name)?.push(row);
  }
  return new Map([...found].filter(([, list]) => list.length > 0));
}

/** How many times as long the other takes: above 1, ours is faster. */
export function ratio({ ms }: Measured, side: string): number | undefined {
  const [ours, theirs] = [ms.ours, ms[side]];
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

/** Three digits, and no exponent: `0.00582`, `1620`. */
export function threeDigits(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
