import { ConfigError, EVAL, formatShape, type Module, ShapeError } from '@dl/core';
import { intercept, type ModuleCall } from '@dl/core/nn';
import { argMax, grad, mean, mul, oneHot, relu, reshape, sum, type Tensor, tensor1d, tidy } from '@dl/core/ops';
import { interpolate } from '../ops/interpolate';
import { isTensor } from '../ops/is-tensor';

/** Options of `gradCam`. */
export interface GradCamOptions {
  /** Name of the layer whose maps are weighed. @default the last one that gives images */
  layer?: string;
  /** The class to explain, one for each image. @default the class that the model takes each for */
  classes?: ArrayLike<number>;
  /** Size of the result: [height, width]. @default that of the input */
  size?: readonly [height: number, width: number];
}

/**
 * Where in an image a model sees what it takes it for: `relu(sum over k of a_k A_k)`, where `A_k` are the maps of a layer
 * and `a_k` the mean over the places of the gradient of the class score by `A_k`; interpolated to the size of the image.
 * Grad-CAM: Selvaraju et al. 2017.
 *
 * @param model gives scores `[batch, classes]`; it runs in evaluation
 * @param x [batch, height, width, channels]
 * @returns [batch, height, width], not negative, not scaled; yours to dispose of
 * @throws ConfigError where the model has no such layer, or it gives no images; ShapeError where scores or classes do not fit
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { zeros } from '@dl/core/ops';
 * import { gradCam, LeNet } from '@dl/cnn';
 *
 * await init();
 * const model = new LeNet({ input: [28, 28, 1], key: key(0) });
 * gradCam(model, zeros([1, 28, 28, 1]), { layer: 'conv2' }).shape; // [1, 28, 28]
 * ```
 */
export function gradCam(model: Module, x: Tensor, options: GradCamOptions = {}): Tensor {
  return tidy(() => {
    const { layer, maps, scores } = run(model, x, options.layer);
    if (scores.rank !== 2) {
      throw new ShapeError('gradCam', 'the model must give scores [batch, classes]', [
        { label: 'output', shape: scores.shape },
      ]);
    }
    const chosen = chosenClasses(scores, options.classes);
    const explained = (maps: Tensor) => {
      const instead = ({ path, forward }: ModuleCall) => (path === layer ? maps : forward());
      return sum(
        mul(
          intercept(model, instead, () => model.forward(x, EVAL)),
          chosen,
        ),
      );
    };
    const weights = mean(grad(explained)(maps), [1, 2], true); // [batch, 1, 1, channels]
    const map = relu(sum(mul(weights, maps), -1, true)); // [batch, height, width, 1]
    const [height, width] = options.size ?? [x.shape[1]!, x.shape[2]!];
    return reshape(interpolate(map, [height, width], { mode: 'bilinear' }), [x.shape[0], height, width]);
  });
}

/** Runs the model once: its scores, and the maps of the layer. */
function run(model: Module, x: Tensor, wanted: string | undefined): { layer: string; maps: Tensor; scores: Tensor } {
  const outputs = new Map<string, Tensor>(); // in the order in which the layers finish
  const watch = ({ path, forward }: ModuleCall) => {
    const output = forward();
    outputs.delete(path);
    if (isTensor(output)) outputs.set(path, output);
    return output;
  };
  const scores = intercept(model, watch, () => model.forward(x, EVAL));
  outputs.delete('');
  const images = [...outputs].filter(([, output]) => output.rank === 4).map(([path]) => path);
  const layer = wanted ?? images.at(-1);
  if (layer !== undefined && images.includes(layer)) return { layer, maps: outputs.get(layer)!, scores };
  const other = wanted === undefined ? undefined : outputs.get(wanted);
  throw new ConfigError(
    'gradCam',
    other !== undefined
      ? `the layer '${wanted}' gives ${formatShape(other.shape)}, which is no image`
      : `the model has no layer ${wanted === undefined ? 'that gives images' : `'${wanted}'`}`,
    `images are given by ${images.join(', ') || 'none'}`,
  );
}

/** [batch, classes]: 1 at the class of each image. */
function chosenClasses(scores: Tensor, classes: ArrayLike<number> | undefined): Tensor {
  const [batch, count] = scores.shape as [number, number];
  if (classes === undefined) return oneHot(argMax(scores, -1), count);
  const given = Array.from(classes);
  if (given.length !== batch) {
    throw new ShapeError('gradCam', `${given.length} classes are given for ${batch} images`);
  }
  const wrong = given.find((c) => !Number.isInteger(c) || c < 0 || c >= count);
  if (wrong !== undefined) throw new ConfigError('gradCam', `the class ${wrong} is none of the ${count}`);
  return oneHot(tensor1d(given, 'int32'), count);
}
