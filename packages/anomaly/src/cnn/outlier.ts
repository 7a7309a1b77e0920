// The convolutional detectors as tools for outlier detection.

import { ExplainableOutlierDetector } from '../detector/outlier-detector';
import {
  type ConvolutionalAutoEncoderOptions,
  type ConvolutionalAutoEncoderState,
  convolutionalAutoEncoder,
} from './convolutional-auto-encoder';

/** What a narrow network of convolutions cannot draw again; long training learns the outliers too. Needs `await init()`. */
export class ConvolutionalAutoEncoder extends ExplainableOutlierDetector<
  ConvolutionalAutoEncoderOptions,
  ConvolutionalAutoEncoderState
> {
  /** @throws ParameterError for options out of range */
  constructor(options?: ConvolutionalAutoEncoderOptions) {
    super(convolutionalAutoEncoder, options);
  }
}
