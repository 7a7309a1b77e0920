import { type Pair, pronunciations } from 'dl:data';
import { lineChart, progress, table } from 'dl:display';
import { init, key } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { editDistance, Translator, wordTokenizer } from '@dl/seq2seq-attention';

await init();

// Letters in, phonemes out; one vector between encoder and decoder.
const all = await pronunciations();
const isShort = ([word]: Pair) => word.length <= 5;
const [train, test] = [all.train.filter(isShort), all.test.filter(isShort)];
const translator = Translator.of(train, {
  target: wordTokenizer(), // phonemes are separated by spaces
  model: { cell: 'gru', hidden: 48, dim: 24, bidirectional: true, attention: undefined },
  key: key(0),
});

const epochs = 10;
const steps = translator.batches(train, { batch: 32 }).size! * epochs;
const optimizer = adam({ lr: cosine({ lr: 8e-3, tMax: steps }), clipNorm: 1 });
const losses: number[] = [];
for await (const { index, loss } of translator.fit(train, { epochs, batch: 32, optimizer }).epochs()) {
  losses.push(loss);
  lineChart('Loss by teacher forcing', { loss: losses }, { xLabel: 'epoch' });
  progress((index + 1) / epochs);
}

// Words that it has not learnt, by greedy search and by a beam of 5.
const words = test.slice(0, 100).map(([word]) => word);
for (const beam of [1, 5]) {
  const spoken = await translator.translate(words, { beam, maxLength: 12 });
  let [edits, phonemes] = [0, 0];
  for (const [i, text] of spoken.entries()) {
    const wanted = test[i]![1].split(' ');
    edits += editDistance(text.split(' '), wanted);
    phonemes += wanted.length;
  }
  console.log(`beam ${beam}: ${((100 * edits) / phonemes).toFixed(1)} % of the phonemes wrong`);
  if (beam > 1)
    table(
      'Some of them',
      words.slice(0, 8).map((word, i) => ({ word, written: spoken[i]!, wanted: test[i]![1] })),
    );
}
