import { type AnyDetector, type DetectorModule, decodeDetector, encodeDetector, init, key } from '@dl/anomaly';
import * as cnn from '@dl/anomaly/cnn';
import * as deep from '@dl/anomaly/deep';
import * as rnn from '@dl/anomaly/rnn';

/** Fits a network of each entry to clean data; "loss" is the mean negative score of clean rows, then that of odd ones' inverse. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const rows = Array.from({ length: 64 }, (_, i) =>
    [...key(5).fold(i).normal(9)].map((v, f) => 0.1 * v + (f === i % 9 ? 1 : 0)),
  );
  const odd = rows.map((row) => row.map((v) => 3 - 2 * v));
  const series = Float64Array.from({ length: 120 }, (_, t) => Math.sin(t / 3));
  const jump = series.map((v, t) => (t === 60 ? v + 4 : v));

  const options = { epochs: 20, batchSize: 8, learningRate: 0.01 };
  const dense = new deep.novelty.AutoEncoder(options).fit(rows);
  const forest = new deep.novelty.DIF({ nEnsemble: 5 }).fit(rows);
  const images = new cnn.novelty.ConvolutionalAutoEncoder({ ...options, channels: [4], codeSize: 4 }).fit(rows);
  const forecaster = new rnn.novelty.LSTMForecaster({ window: 12, hidden: 8 }).fit(series);
  for (const [detector, module, clean] of [
    [dense, deep, rows],
    [forest, deep, rows],
    [images, cnn, rows],
  ] as const) {
    same(detector.scoreSamples(clean), read(encodeDetector(detector), module).scoreSamples(clean));
  }
  same(
    forecaster.scoreSamples(jump),
    read(encodeDetector(forecaster), rnn).scoreSamples({ data: jump, shape: [120, 1] }),
  );
  const worst = forecaster.scoreSamples(jump);
  if (worst.indexOf(Math.min(...worst)) !== 60) throw new Error('the jump was not found');

  const error = (x: number[][]) =>
    [dense, images].reduce((sum, of) => sum - of.scoreSamples(x).reduce((a, b) => a + b), 0);
  return { before: error(odd), after: error(rows) };
}

function read(bytes: Uint8Array, module: DetectorModule): Extract<AnyDetector, { task: 'novelty' }> {
  const copy = decodeDetector(bytes, module);
  if (copy.task !== 'novelty') throw new Error('the file holds a detector of the other task');
  return copy;
}

function same(scores: Float64Array, copied: Float64Array): void {
  if (scores.join() !== copied.join()) throw new Error('the copy scores otherwise');
}
