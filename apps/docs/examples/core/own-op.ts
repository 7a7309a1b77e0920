import { lineChart, table } from 'dl:display';
import { checkGradients, init } from '@dl/core';
import { abs, add, defineOp, div, mul, square, type Tensor, tensor } from '@dl/core/ops';

await init();

// Softsign: y = x / (1 + |x|), and therefore dx = dy / (1 + |x|)^2.
const softsign = defineOp({
  name: 'mySoftsign',
  forward: ({ x }: { x: Tensor }) => div(x, add(1, abs(x))),
  backward: ({ x, dy }) => ({ x: () => div(dy, square(add(1, abs(x)))) }),
});

// Every element, against central differences.
const report = checkGradients((x: Tensor) => softsign({ x }), tensor([-3, -0.5, 0.2, 4]));
console.log(report.ok ? 'the gradient is right' : 'the gradient is wrong');
console.log(report.toString());

// The same check finds a mistake: the square is missing.
const wrong = defineOp({
  name: 'wrongSoftsign',
  forward: ({ x }: { x: Tensor }) => div(x, add(1, abs(x))),
  backward: ({ x, dy }) => ({ x: () => mul(dy, div(1, add(1, abs(x)))) }),
});
const found = checkGradients((x: Tensor) => wrong({ x }), tensor([-3, -0.5, 0.2, 4]));
table('Two backward functions', [
  { backward: 'dy / (1 + |x|)^2', agrees: String(report.ok) },
  { backward: 'dy / (1 + |x|)', agrees: String(found.ok) },
]);

const x = Float32Array.from({ length: 81 }, (_, i) => (i - 40) / 10);
lineChart('softsign', { y: softsign({ x: tensor(x) }).dataSync() }, { x, xLabel: 'x' });
