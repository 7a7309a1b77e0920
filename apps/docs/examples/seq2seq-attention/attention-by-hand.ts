import { heatmap } from 'dl:display';
import { init, key } from '@dl/core';
import { div, matMul, softmax, tensor } from '@dl/core/ops';
import { AdditiveAttention, scaledDotProductAttention } from '@dl/seq2seq-attention';

await init();

// Four keys that stand for words, each with a value; and two questions.
const words = ['cat', 'dog', 'red', 'blue'];
const k = [4, 0, 3.5, 0.5, 0, 4, 0.5, 3.5];
const q = [2, 0, 0, 2]; // an animal? a colour?
const keys = tensor(k, [1, 4, 2]); // [batch, keys, features]
const values = tensor([1, 2, 30, 40], [1, 4, 1]);
const queries = tensor(q, [1, 2, 2]); // [batch, queries, features]

// By hand: how well does each question fit each key, as shares that add up to 1?
const scores = matMul(tensor(q, [2, 2]), tensor(k, [4, 2]), false, true); // [queries, keys]
const byHand = softmax(div(scores, Math.sqrt(2)));
console.log('by hand:', byHand.dataSync());

// The same by the package, for whole batches and with its backward pass.
const { output, weights } = scaledDotProductAttention(
  { query: queries, key: keys, value: values },
  { needWeights: true },
);
console.log('package:', weights!.dataSync());
console.log('what was found:', output.dataSync());
const shares = weights!.dataSync();
heatmap('softmax(Q Kᵀ / √d)', [shares.slice(0, 4), shares.slice(4, 8)], {
  rows: ['an animal?', 'a colour?'],
  columns: words,
});

// Bahdanau's score is a small network: untrained, it looks everywhere about alike.
const additive = new AdditiveAttention({ queryDim: 2, keyDim: 2, hidden: 8, key: key(0) });
const untrained = additive.predict({ query: queries, key: keys, value: values }).weights.dataSync();
heatmap('additive, untrained', [untrained.slice(0, 4), untrained.slice(4, 8)], {
  rows: ['an animal?', 'a colour?'],
  columns: words,
});
