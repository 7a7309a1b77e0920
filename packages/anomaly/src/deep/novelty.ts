// The deep detectors as tools for novelty detection.

import { ExplainableNoveltyDetector, NoveltyDetector } from '../detector/novelty-detector';
import { type AutoEncoderOptions, autoEncoder } from './auto-encoder';
import { type DIFOptions, type DIFState, dif } from './deep-isolation-forest';
import { type DeepSVDDOptions, deepSVDD } from './deep-svdd';
import { type LUNAROptions, lunar } from './lunar';
import { type VariationalAutoEncoderOptions, variationalAutoEncoder } from './variational-auto-encoder';
import type { Weights } from './weights';

/** What a narrow network, trained on clean rows, cannot say again. `fit` needs `await init()`, scoring does not. */
export class AutoEncoder extends ExplainableNoveltyDetector<AutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: AutoEncoderOptions) {
    super(autoEncoder, options);
  }
}

/** An autoencoder with random codes, smoother than the plain one. `fit` needs `await init()`, scoring does not. */
export class VariationalAutoEncoder extends ExplainableNoveltyDetector<VariationalAutoEncoderOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: VariationalAutoEncoderOptions) {
    super(variationalAutoEncoder, options);
  }
}

/** A network that draws clean training rows to one point. `fit` needs `await init()`, scoring does not. */
export class DeepSVDD extends NoveltyDetector<DeepSVDDOptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: DeepSVDDOptions) {
    super(deepSVDD, options);
  }
}

/** Nearest neighbours with the last step learnt, against outliers that are made up. `fit` needs `await init()`, scoring does not. */
export class LUNAR extends NoveltyDetector<LUNAROptions, Weights> {
  /** @throws ParameterError for options out of range */
  constructor(options?: LUNAROptions) {
    super(lunar, options);
  }
}

/** Isolation forests behind random networks, for rings and other bent shapes; nothing is trained, no backend needed. */
export class DIF extends NoveltyDetector<DIFOptions, DIFState> {
  /** @throws ParameterError for options out of range */
  constructor(options?: DIFOptions) {
    super(dif, options);
  }
}
