import { ConfigError, EVAL, formatShape, type Module, type Shape } from '@dl/core';
import { Flatten, intercept, Linear, type ModuleCall } from '@dl/core/nn';
import { tidy, zeros } from '@dl/core/ops';
import { isTensor } from '../ops/is-tensor';

/** The shape of the image, `[height, width, channels]`, whose flattened form a module reads, by the module's name. */
export type FlattenedImages = Readonly<Record<string, Shape>>;

/**
 * Finds the modules that read a flattened image: from each `Flatten` on, through layers that keep the order of the
 * features, to the first `Linear`. Runs the model once, on zeros.
 *
 * @throws ConfigError where the shape of an input is needed and not known, or no `Linear` reads what was flattened
 */
export function flattenedImages(model: Module, input: Shape | undefined): FlattenedImages {
  if (![...model.modules().values()].some((module) => module instanceof Flatten)) return {};
  if (input === undefined) {
    throw new ConfigError(
      'loadTorch',
      'the model flattens images, whose channels are first in PyTorch and last here, and their size is not known',
      'say the shape of an input: { input: [28, 28, 1] }',
    );
  }
  const readers: Record<string, Shape> = {};
  const images = new Map<number, { shape: Shape; from: string }>(); // by the id of the tensor that holds one flattened
  const waiting = new Map<string, Shape>(); // by the path of the Flatten, until a Linear reads it
  const watch = ({ path, module, input, forward }: ModuleCall) => {
    const output = forward();
    if (!isTensor(input) || !isTensor(output)) return output;
    const image = images.get(input.id);
    if (module instanceof Flatten) {
      if (input.rank > 2) {
        images.set(output.id, { shape: input.shape.slice(1), from: path });
        waiting.set(path, input.shape.slice(1));
      } else if (image) images.set(output.id, image);
    } else if (image && isLeaf(module)) {
      readers[path] = image.shape;
      if (module instanceof Linear) waiting.delete(image.from);
      else if (output.shape.join() === input.shape.join()) images.set(output.id, image);
    }
    return output;
  };
  tidy(() => {
    const result = intercept(model, watch, () => model.forward(zeros([1, ...input]), EVAL));
    const last = images.get(result.id);
    if (last) waiting.delete(last.from); // the model ends with it: no weight depends on the order
  });
  for (const [path, shape] of waiting) {
    throw new ConfigError(
      'loadTorch',
      `it cannot be seen which layer reads the ${formatShape(shape)} that ${path || 'the model'} flattens`,
      `say it: { flattened: { fc1: [${shape.join(', ')}] } } with the name of the layer`,
    );
  }
  return readers;
}

/** Whether a module consists of no others. */
function isLeaf(module: Module<never, unknown>): boolean {
  return module.modules().size === 1;
}
