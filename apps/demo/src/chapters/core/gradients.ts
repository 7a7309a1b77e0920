import { checkGradients, key, numericalGradient } from '@dl/core';
import { affine, grad, sigmoid, tensor } from '@dl/core/ops';
import type { Section } from '../../chapter';
import { table } from '../../table';

const POINTS = [-6, -3, -1, -0.5, 0, 0.5, 1, 3, 6];
/** float32 has 24 bits: what is left of 1 after a handful of roundings. */
const SIGMOID_ERROR = 1e-6;

/** The derivative that back-propagation gives, beside the definition of the derivative in float64. */
export const sigmoidGradient: Section = {
  name: 'gradient of the sigmoid',
  title: 'The sigmoid: y = 1 / (1 + e^-x), dy/dx = y (1 - y)',
  run({ print }) {
    using x = tensor(POINTS);
    using output = sigmoid(x);
    using gradient = grad(sigmoid)(x);
    const [y, analytic] = [output.dataSync(), gradient.dataSync()];
    const numerical = numericalGradient((x) => x.reduce((sum, v) => sum + 1 / (1 + Math.exp(-v)), 0), POINTS);
    const errors = POINTS.map((_, i) => Math.abs(analytic[i]! - numerical[i]!));
    print(
      table(
        ['x', 'y', 'analytic dy/dx', 'numerical dy/dx', 'error'],
        POINTS.map((x, i) => [
          x.toFixed(1),
          y[i]!.toFixed(6),
          analytic[i]!.toFixed(8),
          numerical[i]!.toFixed(8),
          errors[i]!.toExponential(1),
        ]),
      ),
    );
    const worst = Math.max(...errors);
    return {
      result: `error ${worst.toExponential(1)}`,
      reference: `at most ${SIGMOID_ERROR.toExponential(0)}`,
      reached: worst <= SIGMOID_ERROR,
    };
  },
};

/** The three gradients of an affine layer, each at the element where both ways differ most. */
export const affineGradients: Section = {
  name: 'gradients of the affine layer',
  title: 'The affine layer: y = x W + b, dx = dy W^T, dW = x^T dy, db = sum of dy',
  run({ print }) {
    const random = key(1);
    const inputs = {
      x: tensor(random.child('x').normal([4, 5]), [4, 5]),
      weight: tensor(random.child('weight').normal([5, 3]), [5, 3]),
      bias: tensor(random.child('bias').normal([3]), [3]),
    };
    const report = checkGradients(({ x, weight, bias }: typeof inputs) => affine(x, weight, bias), inputs);
    for (const input of Object.values(inputs)) input.dispose();
    const rows = report.inputs.map(({ name, shape, elements }) => {
      const { element, analytic, numerical } = elements.reduce((a, b) => (difference(b) > difference(a) ? b : a));
      return [
        `d${name}`,
        `[${shape.join(', ')}]`,
        `${element}`,
        analytic.toFixed(6),
        numerical.toFixed(6),
        difference({ analytic, numerical }).toExponential(1),
      ];
    });
    print(table(['gradient', 'shape', 'worst element', 'analytic', 'numerical', 'error'], rows));
    return {
      result: report.ok ? `${report.checked} numbers agree` : `differ at ${report.worst?.input}`,
      reference: `to ${report.tolerance} and the noise of float32`,
      reached: report.ok,
    };
  },
};

/** Relative to the larger of both. */
function difference({ analytic, numerical }: { analytic: number; numerical: number }): number {
  return Math.abs(analytic - numerical) / Math.max(Math.abs(analytic), Math.abs(numerical));
}
