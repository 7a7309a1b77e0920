import { lineChart, table } from 'dl:display';
import { init, key, trainStep } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { linear, relu, sequential } from '@dl/core/nn';
import { tensor } from '@dl/core/ops';
import { adamw } from '@dl/core/optim';

await init();

const model = sequential({ input: [2], key: key(0) }, [linear({ out: 16 }), relu(), linear({ out: 2 })]);
const step = trainStep(model, crossEntropy, adamw({ lr: 0.02 })); // zero_grad, forward, backward, step

using x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
using y = tensor([0, 1, 1, 0], [4], 'int32'); // exclusive or

const losses: number[] = [];
for (let i = 0; i < 200; i++) losses.push(step({ x, y }).loss);
lineChart('loss', { loss: losses }, { xLabel: 'step' });

using logits = model.predict(x);
const rows = (await logits.array()) as number[][];
table(
  'predictions',
  rows.map(([zero = 0, one = 0], i) => ({ a: i >> 1, b: i & 1, 'a xor b': one > zero ? 1 : 0 })),
);
