import { Tensor } from '@dl/core/ops';

/** The tensors of what a layer gave, by name; a single one is called `output`. */
export function tensorsOf(result: unknown, name = ''): Record<string, Tensor> {
  if (result instanceof Tensor) return { [name === '' ? 'output' : name]: result };
  if (result === null || typeof result !== 'object') return {};
  return Object.fromEntries(
    Object.entries(result).flatMap(([key, value]) =>
      Object.entries(tensorsOf(value, name === '' ? key : `${name}.${key}`)),
    ),
  );
}

/** The output that a layer's `outputShape` speaks of. */
export function mainOutput(result: unknown): Tensor {
  const output = tensorsOf(result).output;
  if (output === undefined)
    throw new Error('the layer gives no tensor, nor an object with the field output: say output');
  return output;
}

/** Frees what a layer gave. */
export function disposeOutputs(result: unknown): void {
  for (const tensor of Object.values(tensorsOf(result))) tensor.dispose();
}
