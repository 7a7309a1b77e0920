// The recurrent detectors as tools for novelty detection.

import type { Weights } from '../deep/weights';
import { type LSTMAutoEncoderOptions, lstmAutoEncoder } from './lstm-auto-encoder';
import { type LSTMForecasterOptions, type LSTMForecasterState, lstmForecaster } from './lstm-forecaster';
import { SeriesNoveltyDetector } from './series-detector';

/** Stretches of a series that an LSTM, trained on a clean one, cannot tell again. Fit and scores need `await init()`. */
export class LSTMAutoEncoder extends SeriesNoveltyDetector<LSTMAutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LSTMAutoEncoderOptions) {
    super(lstmAutoEncoder, options);
  }
}

/**
 * Points that an LSTM, trained on a clean series, does not foresee. Fit and scores need `await init()`.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { novelty } from '@dl/anomaly/rnn';
 *
 * await init();
 * const clean = Float64Array.from({ length: 300 }, (_, t) => Math.sin(t / 4));
 * const detector = new novelty.LSTMForecaster({ window: 20, hidden: 8, epochs: 5 }).fit(clean);
 * const later = Float64Array.from({ length: 100 }, (_, t) => Math.sin(t / 4 + 1));
 * later[60]! += 2;
 * const scores = detector.scoreSamples(later);
 * const worst = scores.indexOf(Math.min(...scores)); // 60
 * ```
 */
export class LSTMForecaster extends SeriesNoveltyDetector<LSTMForecasterOptions, LSTMForecasterState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LSTMForecasterOptions) {
    super(lstmForecaster, options);
  }
}
