import { lineChart } from 'dl:display';
import { init, Param } from '@dl/core';
import { add, mul, square, sub, sum, type Tensor, tensor, tidy, valueAndGrads } from '@dl/core/ops';
import { adam, type Optimizer, rmsprop, sgd } from '@dl/core/optim';

await init();

/** Rosenbrock's valley: easy to get into, hard to follow to its lowest place, (1, 1). */
const valley = (...[x, y]: Tensor[]) => sum(add(square(sub(1, x!)), mul(square(sub(y!, square(x!))), 100)));

const optimizers: Record<string, Optimizer> = {
  SGD: sgd({ lr: 0.001 }),
  'SGD with momentum': sgd({ lr: 0.001, momentum: 0.9 }),
  RMSprop: rmsprop({ lr: 0.01 }),
  Adam: adam({ lr: 0.05 }),
};

const steps = 400;
const heights: Record<string, number[]> = {};
for (const [name, optimizer] of Object.entries(optimizers)) {
  // What an optimizer changes: parameters by name. A model gives them by model.parameters().
  const place = { x: new Param(tensor([-1.2])), y: new Param(tensor([1])) };
  const parameters = new Map(Object.entries(place));
  const path: number[] = [];
  for (let i = 0; i < steps; i++) {
    tidy(() => {
      const { value, grads } = valueAndGrads(valley)([place.x.value, place.y.value]);
      path.push(Math.log10(value.dataSync()[0]!));
      optimizer.step(
        parameters,
        new Map([
          ['x', grads[0]!],
          ['y', grads[1]!],
        ]),
      );
    });
  }
  heights[name] = path;
  const [x, y] = [place.x, place.y].map(({ value }) => value.dataSync()[0]!.toFixed(3));
  console.log(`${name}: at (${x}, ${y}) after ${steps} steps, height ${(10 ** path.at(-1)!).toExponential(1)}`);
}
lineChart('Height on the way down, log10', heights, { xLabel: 'step' });
