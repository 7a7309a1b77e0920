import { init } from '@dl/core';
import { grad, mul, sub, sum, type Tensor, tensor } from '@dl/core/ops';

/** One step of gradient descent on the squared distance to a target. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const target = tensor([1, -2, 3]);
  const loss = (w: Tensor): Tensor => sum(mul(sub(w, target), sub(w, target)));
  const weights = tensor([0, 0, 0]);
  const next = sub(weights, mul(0.1, grad(loss)(weights)));
  return { before: loss(weights).dataSync()[0]!, after: loss(next).dataSync()[0]! };
}
