import { add, engine, keep, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { usesKernels } from '../ops/define-op';
import { ownMemory, type UpdateRow, withUpdateTable } from './update-table';

/**
 * target = a target + b source, for every source and the target of the same name, in one kernel call where there are
 * kernels. The map owns its targets: one that cannot be written to is replaced and disposed of.
 */
export function blend(targets: Map<string, Tensor>, sources: ReadonlyMap<string, Tensor>, a: number, b: number): void {
  if (!usesKernels()) {
    for (const [name, source] of sources) {
      put(targets, name, keep(tidy(() => add(mul(targets.get(name)!, a), mul(source, b)))));
    }
    return;
  }
  const heap = Heap.of(engine().backend);
  const rows: UpdateRow[] = [];
  for (const [name, source] of sources) {
    put(targets, name, ownMemory(heap, targets.get(name)!));
    rows.push({ target: targets.get(name)!, source });
  }
  withUpdateTable(heap, rows, (table) => kernels.on(heap).blend(table, rows.length, a, b));
}

function put(targets: Map<string, Tensor>, name: string, next: Tensor): void {
  const before = targets.get(name)!;
  if (next === before) return;
  targets.set(name, next);
  before.dispose();
}
