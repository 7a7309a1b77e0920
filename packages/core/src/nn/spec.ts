import { ConfigError } from '../errors';
import type { Key } from '../random';
import type { Module, Shape } from './module';

/** A layer that is not built yet: plain data, so that an architecture can be saved as JSON. */
export interface LayerSpec {
  /** The kind of layer: `linear`. */
  readonly layer: string;
  /** Its options, without the sizes that follow from the input. */
  readonly config: Readonly<Record<string, unknown>>;
}

type Build = (config: never, input: Shape, key: Key) => Module;

const kinds = new Map<string, Build>();

/**
 * Defines a kind of layer for stacks: how it is built once the shape of its input is known.
 *
 * @example
 * ```ts
 * export const linear = defineSpec('linear', (config: { out: number }, input, key) =>
 *   new Linear({ in: input.at(-1)!, ...config, key }));
 * ```
 */
export function defineSpec<C extends object | undefined = undefined>(
  layer: string,
  build: (config: NonNullable<C>, input: Shape, key: Key) => Module,
): (...config: undefined extends C ? [config?: C] : [config: C]) => LayerSpec {
  kinds.set(layer, build);
  return (...[config]) => ({ layer, config: { ...config } });
}

/** Builds the layer of a spec for inputs of this shape (without the batch axis). */
export function buildSpec(spec: LayerSpec, input: Shape, key: Key): Module {
  const build = kinds.get(spec.layer);
  if (build === undefined) {
    throw new ConfigError(
      'sequential',
      `the layer '${spec.layer}' is not known`,
      `import the package that defines it; known are ${[...kinds.keys()].sort().join(', ')}`,
    );
  }
  return build(spec.config as never, input, key);
}
