// The deep detectors as tools for outlier detection. Not among them is DeepSVDD, which needs clean training rows.

import { ExplainableOutlierDetector, OutlierDetector } from '../detector/outlier-detector';
import { type AutoEncoderOptions, autoEncoder } from './auto-encoder';
import { type DIFOptions, type DIFState, dif } from './deep-isolation-forest';
import { type LUNAROptions, lunar } from './lunar';
import { type VariationalAutoEncoderOptions, variationalAutoEncoder } from './variational-auto-encoder';
import type { Weights } from './weights';

/** What a narrow network cannot say again; long training learns the outliers too. `fitPredict` needs `await init()`. */
export class AutoEncoder extends ExplainableOutlierDetector<AutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: AutoEncoderOptions) {
    super(autoEncoder, options);
  }
}

/** An autoencoder with random codes, which follows single outliers less. `fitPredict` needs `await init()`. */
export class VariationalAutoEncoder extends ExplainableOutlierDetector<VariationalAutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: VariationalAutoEncoderOptions) {
    super(variationalAutoEncoder, options);
  }
}

/** Nearest neighbours with the last step learnt, against outliers that are made up. `fitPredict` needs `await init()`. */
export class LUNAR extends OutlierDetector<LUNAROptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LUNAROptions) {
    super(lunar, options);
  }
}

/** Isolation forests behind random networks, for rings and other bent shapes; nothing is trained, no backend needed. */
export class DIF extends OutlierDetector<DIFOptions, DIFState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: DIFOptions) {
    super(dif, options);
  }
}
