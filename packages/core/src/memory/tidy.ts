import { type TensorContainer, tidy as tfTidy } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';

/**
 * Runs synchronous maths and frees every tensor it made, except those that it returns.
 *
 * @param f returns a tensor, a list or an object of tensors, or nothing
 * @throws ConfigError where `f` is asynchronous: the scope would close at the first `await`
 *
 * @example
 * ```ts
 * import { init, tidy } from '@dl/core';
 * import { mul, sub, tensor } from '@dl/core/ops';
 *
 * await init();
 * using x = tensor([1, 2, 3]);
 * using y = tidy(() => sub(mul(x, x), x)); // x * x is freed, y is yours
 * ```
 */
export function tidy<T extends TensorContainer>(f: () => T): T {
  return tfTidy(() => {
    const result: unknown = f();
    if (isPromiseLike(result)) {
      // It goes on with tensors that are freed now: what comes of it is of no interest.
      result.then(undefined, () => undefined);
      throw new ConfigError(
        'tidy',
        'the function is asynchronous: its scope closes at the first await, and what comes after leaks or finds its tensors freed',
        'await first and compute in a synchronous tidy, or hold single tensors with `using`',
      );
    }
    return result as T;
  });
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
