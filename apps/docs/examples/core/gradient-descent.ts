import { lineChart, table } from 'dl:display';
import { gradientDescent, init, numericalGradient } from '@dl/core';
import { grad, mul, square, sum, type Tensor, tensor } from '@dl/core/ops';

await init();

// A ravine: twenty times steeper across than along.
const height = ([x = 0, y = 0]: readonly number[]) => x ** 2 / 20 + y ** 2;
const start = [-7, 2];

// The gradient, three ways: by differences of f, by back-propagation, and by hand.
const steepness = tensor([1 / 20, 1]);
const heightOfTensor = (at: Tensor) => sum(mul(square(at), steepness));
const byDifferences = numericalGradient(height, start);
const byBackPropagation = grad(heightOfTensor)(tensor(start)).dataSync();
table('The gradient at (-7, 2)', [
  { by: 'finite differences', dx: byDifferences[0]!, dy: byDifferences[1]! },
  { by: 'back-propagation', dx: byBackPropagation[0]!, dy: byBackPropagation[1]! },
  { by: 'hand: x / 10, 2 y', dx: start[0]! / 10, dy: 2 * start[1]! },
]);

// The same descent with other learning rates and momenta. Change them!
const runs = {
  'lr 0.02': { lr: 0.02 },
  'lr 0.9': { lr: 0.9 },
  'lr 0.1, momentum 0.9': { lr: 0.1, momentum: 0.9 },
};
const heights: Record<string, number[]> = {};
for (const [name, options] of Object.entries(runs)) {
  const { path, diverged } = gradientDescent(height, start, { steps: 80, ...options });
  heights[name] = path.map(({ value }) => Math.log10(Math.max(value, 1e-12)));
  console.log(
    `${name}: ${diverged ? 'diverged' : `height ${path.at(-1)!.value.toExponential(1)} after ${path.length - 1} steps`}`,
  );
}
lineChart('Height on the way down, log10', heights, { xLabel: 'step' });

// Beyond 2 / (largest curvature) = 2 / 2 every step lands higher than the last.
console.log('lr 1.02:', gradientDescent(height, start, { lr: 1.02, steps: 80 }).diverged ? 'diverged' : 'converged');
