import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, FormatError, formatShape, ShapeError } from '../errors';
import { type Key, key as keyOf } from '../random';
import { checkShape, inputAxes } from './checks';
import { type Context, EVAL } from './context';
import { type Member, Module, type Shape } from './module';
import { placed } from './placed';
import { buildSpec, type LayerSpec } from './spec';

/** A stack as data: what `toJSON` gives and `sequentialFromJSON` takes. */
export interface SequentialJSON {
  readonly format: 'dl.sequential';
  readonly version: 1;
  readonly input: Shape;
  readonly layers: readonly LayerSpec[];
}

/** What a stack was built from. */
interface Plan {
  input: Shape;
  specs: readonly LayerSpec[];
}

/**
 * Layers one after another: `y = f_n(... f_1(f_0(x)))`. The names of its children are `0`, `1`, ..., as those of
 * PyTorch's `nn.Sequential`.
 */
export class Sequential extends Module {
  readonly layers: readonly Module[];
  readonly #plan: Plan | undefined;

  /** @param layers the layers in order; `sequential` builds them from specs */
  constructor(layers: readonly Module[], plan?: Plan) {
    super();
    for (const [i, layer] of layers.entries()) {
      if (!(layer instanceof Module)) {
        throw new ConfigError(
          this.where,
          `entry ${i} is no layer`,
          'specs such as linear({ out: 10 }) are built by sequential({ input, key }, [...])',
        );
      }
    }
    this.layers = [...layers];
    this.#plan = plan;
    this.modules(); // tells the layers where they are
  }

  /** The shape of one input, where the stack was built from specs. */
  get input(): Shape | undefined {
    return this.#plan?.input;
  }

  override *members(): Iterable<[string, Member]> {
    for (const [i, layer] of this.layers.entries()) yield [`${i}`, layer];
  }

  /** @throws ShapeError from the layer that does not fit, naming the layer before it */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    let y = x;
    for (const [i, layer] of this.layers.entries()) {
      try {
        y = layer.forward(y, ctx);
      } catch (error) {
        throw this.#explained(error, i, y.shape, inputAxes(y.rank));
      }
    }
    return y;
  }

  outputShape(input: Shape): Shape {
    return this.featureShapes(input).at(-1) ?? input;
  }

  /**
   * The shape of one example after each layer.
   *
   * @param input the shape of one input. @default the one the stack was built for
   */
  featureShapes(input: Shape | undefined = this.#plan?.input): Shape[] {
    if (input === undefined) throw new ConfigError(this.where, 'featureShapes needs the shape of an input here');
    const shapes: Shape[] = [];
    let shape = input;
    for (const [i, layer] of this.layers.entries()) {
      try {
        shape = layer.outputShape(shape);
      } catch (error) {
        throw this.#explained(error, i, shape, inputAxes(shape.length + 1).slice(1));
      }
      shapes.push(shape);
    }
    return shapes;
  }

  /**
   * The architecture as data, without weights: those go into a safetensors file.
   *
   * @throws ConfigError where the stack was built from modules, or an option is a function
   */
  toJSON(): SequentialJSON {
    if (this.#plan === undefined) {
      throw new ConfigError(
        this.where,
        'a stack of modules has no JSON form',
        'build it from specs: sequential({ input, key }, [linear({ out: 10 })])',
      );
    }
    const { input, specs } = this.#plan;
    for (const [i, spec] of specs.entries()) checkPlain(`${this.where}: layer ${i} (${spec.layer})`, spec.config);
    return { format: 'dl.sequential', version: 1, input, layers: specs };
  }

  /** A layer's shape error, with what the layer before it gives. */
  #explained(error: unknown, i: number, shape: Shape, axes: readonly string[]): unknown {
    const before = this.layers[i - 1];
    if (!(error instanceof ShapeError) || before === undefined || error.where !== this.layers[i]!.where) return error;
    const gives = `${before.where} gives ${formatShape(shape, axes)}`;
    return new ShapeError(error.where, error.problem, error.shapes, error.hint ? `${gives}: ${error.hint}` : gives);
  }
}

/**
 * Builds a stack from specs. The sizes that follow from the input are worked out once, here.
 *
 * @param options.input the shape of one example, without the batch axis
 * @param options.key draws the weights
 * @throws ShapeError, ConfigError naming the position of the layer that cannot be built
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { flatten, linear, relu, sequential } from '@dl/core/nn';
 *
 * await init();
 * const model = sequential({ input: [28, 28, 1], key: key(0) }, [flatten(), linear({ out: 64 }), relu(), linear({ out: 10 })]);
 * ```
 */
export function sequential(options: { input: Shape; key: Key }, specs: readonly LayerSpec[]): Sequential {
  const { input, key } = options;
  checkShape({ where: 'sequential' }, 'input', input);
  const layers: Module[] = [];
  try {
    let shape = input;
    for (const [i, spec] of specs.entries()) {
      try {
        const layer = buildSpec(spec, shape, key.child(`${i}`));
        layers.push(layer);
        shape = layer.outputShape(shape);
      } catch (error) {
        throw placed(error, `${i}`);
      }
    }
    return new Sequential(layers, { input: [...input], specs: [...specs] });
  } catch (error) {
    for (const layer of layers) layer.dispose();
    throw error;
  }
}

/**
 * Builds a stack from what `toJSON` gave, with new weights: load the trained ones with `loadStateDict`.
 *
 * @param json the object, or its text
 * @param key draws the weights. @default key(0)
 * @throws FormatError where it is not such an object
 * @throws ConfigError, ShapeError where its layers are unknown or do not fit
 */
export function sequentialFromJSON(json: unknown, key: Key = keyOf(0)): Sequential {
  const { input, layers } = parsed(typeof json === 'string' ? parseText(json) : json);
  return sequential({ input, key }, layers);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`sequentialFromJSON: the text is no JSON: ${(error as Error).message}`);
  }
}

function parsed(json: unknown): { input: number[]; layers: LayerSpec[] } {
  if (!isRecord(json) || json.format !== 'dl.sequential') {
    throw new FormatError("sequentialFromJSON: not the JSON of a stack: it must say format: 'dl.sequential'");
  }
  const { version, input, layers } = json;
  if (version !== 1) {
    throw new FormatError(`sequentialFromJSON: version ${JSON.stringify(version)} cannot be read, version 1 can`);
  }
  if (!Array.isArray(input) || input.length === 0 || !input.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new FormatError('sequentialFromJSON: input must be a list of positive integers');
  }
  return { input: input as number[], layers: parsedLayers(layers, 'layers') };
}

function parsedLayers(layers: unknown, where: string): LayerSpec[] {
  if (!Array.isArray(layers)) throw new FormatError(`sequentialFromJSON: ${where} must be a list`);
  for (const [i, entry] of layers.entries()) {
    if (!isRecord(entry) || typeof entry.layer !== 'string' || !isRecord(entry.config)) {
      throw new FormatError(`sequentialFromJSON: ${where}[${i}] must be { layer: string, config: object }`);
    }
    // A configuration may hold stacks of its own.
    for (const [option, value] of Object.entries(entry.config)) {
      const nested = Array.isArray(value) && value.some((item) => isRecord(item));
      if (nested) parsedLayers(value, `${where}[${i}].config.${option}`);
    }
  }
  return layers as LayerSpec[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Refuses what JSON would drop or change. */
function checkPlain(where: string, value: unknown): void {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkPlain(`${where}[${i}]`, item);
  } else if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [name, item] of Object.entries(value)) checkPlain(`${where}.${name}`, item);
  } else {
    throw new ConfigError(where, `a ${typeof value} has no JSON form`, 'give the option as plain data');
  }
}
