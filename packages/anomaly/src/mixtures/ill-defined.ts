import { ConfigError } from '@dl/core';

/** A component has no covariance that could be inverted. */
export function illDefined(): ConfigError {
  return new ConfigError(
    'GaussianMixture',
    'Fitting the mixture model failed because some components have ill-defined empirical covariance',
    'try to decrease nComponents, or increase regCovar',
  );
}
