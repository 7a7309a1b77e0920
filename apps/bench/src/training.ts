import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import type { Program } from './row';

/**
 * One training step after the other on the same batch.
 *
 * @param step from `trainStep`
 * @param batch is freed at the end, once where one tensor has two names
 * @param owned the model and its optimizer, which are freed too
 */
export function trainingProgram<B extends Record<string, Tensor>>(
  step: { (batch: B): unknown; dispose(): void },
  batch: B,
  owned: readonly { dispose(): void }[],
): Program {
  return {
    step() {
      step(batch);
      return undefined;
    },
    dispose() {
      step.dispose();
      for (const it of owned) it.dispose();
      dispose([...new Set<Tensor>(Object.values(batch))]);
    },
  };
}
