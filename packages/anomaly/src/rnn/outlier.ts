// The recurrent detectors as tools for outlier detection.

import type { Weights } from '../deep/weights';
import { type LSTMAutoEncoderOptions, lstmAutoEncoder } from './lstm-auto-encoder';
import { type LSTMForecasterOptions, type LSTMForecasterState, lstmForecaster } from './lstm-forecaster';
import { SeriesOutlierDetector } from './series-detector';

/** Stretches of the series it is trained on that an LSTM cannot tell again. `fitPredict` needs `await init()`. */
export class LSTMAutoEncoder extends SeriesOutlierDetector<LSTMAutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LSTMAutoEncoderOptions) {
    super(lstmAutoEncoder, options);
  }
}

/** Points of the series it is trained on that an LSTM does not foresee. `fitPredict` needs `await init()`. */
export class LSTMForecaster extends SeriesOutlierDetector<LSTMForecasterOptions, LSTMForecasterState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LSTMForecasterOptions) {
    super(lstmForecaster, options);
  }
}
