import { EVAL, type Module } from '@dl/core';
import { intercept, type ModuleCall } from '@dl/core/nn';
import { keep, type Tensor, tidy } from '@dl/core/ops';
import { isTensor } from '../ops/is-tensor';

/**
 * What every layer of a model gives for an input, by the layer's name, in the order of the computation: for pictures of
 * what a network sees. Of a layer that is used more than once, what it gave last.
 *
 * @param model any model; it runs once, in evaluation
 * @param x its input
 * @returns the outputs by name, `conv1` or `layer2.0.bn1`; the model's own output is left out. They are yours to dispose of
 * @throws what the model throws for such an input
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { zeros } from '@dl/core/ops';
 * import { featureMaps, LeNet } from '@dl/cnn';
 *
 * await init();
 * const maps = featureMaps(new LeNet({ input: [28, 28, 1], key: key(0) }), zeros([1, 28, 28, 1]));
 * [...maps.keys()]; // ['conv1', 'pool1', 'conv2', 'pool2', 'flatten', 'fc1', 'fc2']
 * maps.get('pool1').shape; // [1, 14, 14, 32]
 * ```
 */
export function featureMaps<In>(model: Module<In, unknown>, x: In): Map<string, Tensor> {
  const maps = new Map<string, Tensor>();
  const watch = ({ path, forward }: ModuleCall) => {
    const output = forward();
    if (isTensor(output) && path !== '') {
      maps.get(path)?.dispose();
      maps.delete(path);
      maps.set(path, keep(output.clone()));
    }
    return output;
  };
  try {
    tidy(() => intercept(model, watch, () => void model.forward(x, EVAL)));
  } catch (error) {
    for (const map of maps.values()) map.dispose();
    throw error;
  }
  return maps;
}
