// The convolutional detectors as tools for novelty detection.

import { ExplainableNoveltyDetector } from '../detector/novelty-detector';
import {
  type ConvolutionalAutoEncoderOptions,
  type ConvolutionalAutoEncoderState,
  convolutionalAutoEncoder,
} from './convolutional-auto-encoder';

/**
 * What a narrow network of convolutions, trained on clean images, cannot draw again. Fit and scores need `await init()`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { novelty } from '@dl/anomaly/cnn';
 *
 * await init();
 * // Bars of one pixel, upright; a lying one is new.
 * const bar = (at: number, along: 0 | 1) =>
 *   Array.from({ length: 64 }, (_, i) => Number((along === 0 ? i % 8 : i >> 3) === at));
 * const rows = Array.from({ length: 80 }, (_, i) => bar(i % 8, 0));
 * const detector = new novelty.ConvolutionalAutoEncoder({ channels: [8], codeSize: 8, batchSize: 8, learningRate: 0.01 });
 * const [upright, lying] = detector.fit(rows).scoreSamples([bar(3, 0), bar(3, 1)]);
 * const found = lying! < upright!; // true
 * ```
 */
export class ConvolutionalAutoEncoder extends ExplainableNoveltyDetector<
  ConvolutionalAutoEncoderOptions,
  ConvolutionalAutoEncoderState
> {
  /** @throws ParameterError for options out of range */
  constructor(options?: ConvolutionalAutoEncoderOptions) {
    super(convolutionalAutoEncoder, options);
  }
}
