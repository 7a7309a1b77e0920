import { ConfigError, type LoadReport, type Module, type Shape } from '@dl/core';
import { decodeSafetensors, readSafetensorsFile } from '@dl/core/io';
import { Tensor } from '@dl/core/ops';
import { type FlattenedImages, flattenedImages } from './flattened';
import { layoutsOf } from './layouts';

/** What `loadTorch` and `torchStateDict` have to know of a model. */
export interface TorchOptions {
  /**
   * The shape of an input, `[height, width, channels]`: models with a `Flatten` are run once to see which layer reads what
   * it gives.
   * @default the one that a stack of specs was built for, or the model's field `input`
   */
  input?: Shape;
  /**
   * The layers that read a flattened image, with its shape `[height, width, channels]`, where that cannot be seen: a model
   * that flattens without a `Flatten`. Replaces the search.
   */
  flattened?: FlattenedImages;
}

/** Options of `loadTorch`. */
export interface LoadTorchOptions extends TorchOptions {
  /** The name here for a name in PyTorch: `(name) => name.replace('model.', '')`. @default the same */
  rename?: (name: string) => string;
  /** `false` allows names missing on either side. @default true */
  strict?: boolean;
}

/**
 * Loads the weights of a PyTorch model by name, and turns them from PyTorch's layout, channels first, into that of this
 * package: kernels of convolutions, and the columns of the layer that reads a flattened image, which PyTorch has in the
 * order channels, height, width.
 *
 * In PyTorch: `safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`.
 *
 * @param model the model, built with the same sizes; its values are replaced
 * @param source path of a safetensors file (Node only), the file itself, or tensors by name, which stay yours
 * @returns the names that were missing on either side
 * @throws FormatError naming the fault of the file; ConfigError listing what does not fit, or where it cannot be seen which
 *   layer reads a flattened image. The model is unchanged then
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones, zeros } from '@dl/core/ops';
 * import { Conv2d, loadTorch } from '@dl/cnn';
 *
 * await init();
 * const layer = new Conv2d({ in: 3, out: 8, kernel: 5, key: key(0) });
 * await loadTorch(layer, new Map([['weight', ones([8, 3, 5, 5])], ['bias', zeros([8])]])); // or 'model.safetensors'
 * layer.weight.shape; // [5, 5, 3, 8]
 * ```
 */
export async function loadTorch(
  model: Module,
  source: string | Blob | ArrayBuffer | Uint8Array | ReadonlyMap<string, Tensor>,
  options: LoadTorchOptions = {},
): Promise<LoadReport> {
  const { rename = (name: string) => name, strict = true } = options;
  const given = await read(source);
  const made: Tensor[] = [];
  try {
    const layouts = layoutsOf(model, options.flattened ?? flattenedImages(model, options.input ?? inputOf(model)));
    const state = new Map<string, Tensor>();
    const misshapen: string[] = [];
    for (const [torchName, value] of given) {
      const tensor = value instanceof Tensor ? value : value.tensor();
      if (tensor !== value) made.push(tensor);
      const name = rename(torchName);
      if (state.has(name)) {
        throw new ConfigError('loadTorch', `two tensors are called '${name}'`, 'rename must keep them apart');
      }
      const layout = layouts.get(name);
      if (layout === undefined) state.set(name, tensor);
      else if (tensor.shape.join() !== layout.shape.join()) {
        misshapen.push(`  ${torchName}: [${tensor.shape}] for PyTorch's [${layout.shape}]`);
      } else {
        const converted = layout.fromTorch(tensor);
        made.push(converted);
        state.set(name, converted);
      }
    }
    if (misshapen.length > 0) {
      throw new ConfigError('loadTorch', ['the weights do not fit the model', ...misshapen].join('\n'));
    }
    return model.loadStateDict(state, { strict });
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/**
 * The parameters and buffers of a model by name, in PyTorch's layout: `encodeSafetensors` of it gives a file that
 * `model.load_state_dict` takes in PyTorch.
 *
 * @param model the model; it stays as it is
 * @returns tensors by name, which are yours to dispose of
 * @throws ConfigError where it cannot be seen which layer reads a flattened image
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { encodeSafetensors } from '@dl/core/io';
 * import { LeNet, torchStateDict } from '@dl/cnn';
 *
 * await init();
 * const state = torchStateDict(new LeNet({ input: [28, 28, 1], key: key(0) }));
 * state.get('conv1.weight').shape; // [32, 1, 5, 5]
 * const file = encodeSafetensors(state); // for safetensors.torch.load_file
 * ```
 */
export function torchStateDict(model: Module, options: TorchOptions = {}): Map<string, Tensor> {
  const layouts = layoutsOf(model, options.flattened ?? flattenedImages(model, options.input ?? inputOf(model)));
  return new Map(
    [...model.stateDict()].map(([name, value]) => [name, layouts.get(name)?.toTorch(value) ?? value.clone()]),
  );
}

async function read(source: Parameters<typeof loadTorch>[1]) {
  if (typeof source === 'string') return (await readSafetensorsFile(source)).tensors;
  if (source instanceof Blob) return (await decodeSafetensors(source)).tensors;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return decodeSafetensors(source).tensors;
  return source;
}

/** The shape of an input that a model says of itself: stacks of specs do. */
function inputOf(model: Module): Shape | undefined {
  const { input } = model as { input?: unknown };
  return Array.isArray(input) && input.every((size) => typeof size === 'number') ? input : undefined;
}
