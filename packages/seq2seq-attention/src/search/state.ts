import { Tensor } from '@dl/core/ops';

/** The tensors of a state, however they are nested. */
function tensorsOf(value: unknown, found = new Set<Tensor>()): Set<Tensor> {
  if (value instanceof Tensor) found.add(value as Tensor);
  else if (value !== null && typeof value === 'object') for (const part of Object.values(value)) tensorsOf(part, found);
  return found;
}

/** Frees the tensors of a state that are not part of the next. */
export function release(state: unknown, next?: unknown): void {
  const kept = tensorsOf(next);
  for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) tensor.dispose();
}
