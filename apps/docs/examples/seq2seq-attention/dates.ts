import { dates, type Pair } from 'dl:data';
import { heatmap, lineChart, progress } from 'dl:display';
import { init, key } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { exactMatch, Translator } from '@dl/seq2seq-attention';

await init();

// Single dates of one calendar alone, to be done in a few seconds: '1999년 12월 31일' to '1999-12-31'.
const all = await dates();
const isPlain = ([source, iso]: Pair) => iso.length === 10 && /^(19|20)/.test(source);
const [train, test] = [all.train.filter(isPlain), all.test.filter(isPlain)];
const translator = Translator.of(train, {
  model: { cell: 'gru', hidden: 32, dim: 16, bidirectional: true, attention: 'additive' },
  key: key(1),
});

const epochs = 10;
const steps = translator.batches(train, { batch: 32 }).size! * epochs;
const optimizer = adam({ lr: cosine({ lr: 1e-2, tMax: steps }), clipNorm: 1 });
const losses: number[] = [];
for await (const { index, loss } of translator.fit(train, { epochs, batch: 32, optimizer }).epochs()) {
  losses.push(loss);
  lineChart('Loss', { loss: losses }, { xLabel: 'epoch' });
  progress((index + 1) / epochs);
}

const written = await translator.translate(
  test.map(([source]) => source),
  { beam: 1, maxLength: 12 },
);
console.log(
  `right: ${(
    100 *
      exactMatch(
        written,
        test.map(([, iso]) => iso),
      )
  ).toFixed(0)} % of ${test.length} new dates`,
);

// What each written character looked at.
const { source, target, weights } = translator.alignment('2026년 11월 24일 화요일');
heatmap(target.slice(0, -1).join(''), weights, { rows: target, columns: source });
