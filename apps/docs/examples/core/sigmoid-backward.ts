import { lineChart, table } from 'dl:display';
import { checkGradients, init, key } from '@dl/core';
import { add, grads, matMul, mean, mul, sigmoid, square, sub, sum, type Tensor, tensor, transpose } from '@dl/core/ops';

await init();

// XOR: no straight line parts the ones from the zeros, so one layer cannot learn it.
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const target = tensor([[0], [1], [1], [0]]);

// Two layers with sigmoids: 2 inputs, 4 hidden units, 1 output.
let w1 = tensor(key(0).normal([2, 4]), [2, 4]);
let b1 = tensor(new Float32Array(4));
let w2 = tensor(key(1).normal([4, 1]), [4, 1]);
let b2 = tensor(new Float32Array(1));

const hidden = (w: Tensor, b: Tensor) => sigmoid(add(matMul(x, w), b));
const output = (h: Tensor, w: Tensor, b: Tensor) => sigmoid(add(matMul(h, w), b));
const loss = (...[v1, c1, v2, c2]: Tensor[]) => mean(square(sub(output(hidden(v1!, c1!), v2!, c2!), target)));

/** Back-propagation by hand: from the loss back to each weight, one node after the other. */
function backward(): Tensor[] {
  const h = hidden(w1, b1);
  const y = output(h, w2, b2);
  const dy = mul(sub(y, target), 2 / 4); //           mean of squares, 4 samples
  const dz2 = mul(dy, mul(y, sub(1, y))); //          sigmoid: y (1 - y)
  const dh = matMul(dz2, transpose(w2)); //           affine: dx = dz W^T
  const dz1 = mul(dh, mul(h, sub(1, h)));
  return [matMul(transpose(x), dz1), sum(dz1, 0), matMul(transpose(h), dz2), sum(dz2, 0)];
}

// Is it right? Beside what the library gives, and beside finite differences.
const byHand = backward();
const byLibrary = grads(loss)([w1, b1, w2, b2]);
table(
  'dL/dw of the second layer',
  Array.from(byHand[2]!.dataSync(), (hand, i) => ({ unit: i, hand, library: byLibrary[2]!.dataSync()[i]! })),
);
console.log(checkGradients(loss, [w1, b1, w2, b2]).toString());

// Right gradients are all it takes to learn.
const losses: number[] = [];
for (let step = 0; step < 1500; step++) {
  const [d1, e1, d2, e2] = backward() as [Tensor, Tensor, Tensor, Tensor];
  [w1, b1, w2, b2] = [sub(w1, mul(d1, 5)), sub(b1, mul(e1, 5)), sub(w2, mul(d2, 5)), sub(b2, mul(e2, 5))];
  if (step % 10 === 0) losses.push(loss(w1, b1, w2, b2).dataSync()[0]!);
}
lineChart('Loss', { 'mean squared error': losses }, { x: losses.map((_, i) => 10 * i), xLabel: 'step' });
console.log('XOR:', Array.from(output(hidden(w1, b1), w2, b2).dataSync(), (y) => y.toFixed(2)).join('  '));
