import { add, exp, mul, reshape, square, sub, sum } from '@tensorflow/tfjs-core';
import { defineLoss, type LossOptions, reduce } from './loss';
import { floatPair } from './pair-loss';

/**
 * The divergence of a normal distribution from the standard one, for each example
 * `-1/2 sum(1 + logVariance - mean^2 - e^logVariance)`: the price of information in a variational autoencoder. Kingma and
 * Welling 2014. The reductions are over examples, so that `mean` adds to a reconstruction loss summed over each example.
 *
 * The gradients are `mean` by the mean and `(e^logVariance - 1) / 2` by the logarithm of the variance.
 *
 * @param mean [batch, ...latent], float32
 * @param logVariance natural logarithm of the variance, the same shape
 * @returns a number; [batch] with the reduction `none`
 * @throws DtypeError unless the mean is float32
 * @throws ShapeError unless the shapes are equal
 */
export const gaussianKl = defineLoss<LossOptions>('gaussianKl', (mean, logVariance, { reduction = 'mean' }) => {
  const logVar = floatPair('gaussianKl', mean, logVariance);
  const elements = sub(add(square(mean), sub(exp(logVar), logVar)), 1);
  const batch = mean.shape[0] ?? 1;
  const losses = mul(sum(reshape(elements, [batch, batch === 0 ? 0 : mean.size / batch]), 1), 0.5); // [batch]
  return reduce('gaussianKl', losses, reduction);
});
