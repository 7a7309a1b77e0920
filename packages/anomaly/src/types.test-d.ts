// Checked by tsc alone: every line under `@ts-expect-error` must not compile.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unused-expressions -- what must not compile has no type */
import { key } from '@dl/core';
import { tensor2d } from '@dl/core/ops';
import * as cnn from './cnn';
import * as deep from './deep';
import { novelty, outlier, series } from './index';
import * as rnn from './rnn';

declare function is<Expected>(value: Expected): void;
const rows = [
  [1, 2],
  [3, 4],
];

// Outlier detection judges the data that it is given, and no other.
const judged = new outlier.LocalOutlierFactor({ nNeighbors: 5, contamination: 0.1 });
is<Int8Array>(judged.fitPredict(rows));
is<Float64Array>(judged.scores);
is<Int8Array>(judged.labels);
is<number>(judged.fitted.nNeighbors);
// @ts-expect-error no prediction of new rows
judged.predict(rows);
// @ts-expect-error no scores of new rows
judged.scoreSamples(rows);
// @ts-expect-error no decisions on new rows
judged.decisionFunction(rows);
// @ts-expect-error a fit without a judgement has no use here
judged.fit(rows);

// Novelty detection judges new rows, and never those it was fitted on.
const learnt = new novelty.LocalOutlierFactor().fit(rows);
is<Int8Array>(learnt.predict(rows));
is<Float64Array>(learnt.scoreSamples(rows));
is<Float64Array>(learnt.decisionFunction(rows));
is<novelty.LocalOutlierFactor>(learnt.withOffset(-2));
// @ts-expect-error no judgement of the training data
learnt.fitPredict(rows);
// @ts-expect-error no labels of the training data
learnt.labels;
// @ts-expect-error no scores of the training data under this name
learnt.scores;

// A detector of one task is none of the other.
// @ts-expect-error this one is for outliers
is<novelty.LocalOutlierFactor>(judged);
// @ts-expect-error this one is for novelties
is<outlier.LocalOutlierFactor>(learnt);

// Options have their own types.
new novelty.KNearestNeighbors({ method: 'median', metric: (a, b) => Math.abs(a[0]! - b[0]!) });
// @ts-expect-error no such method
new novelty.KNearestNeighbors({ method: 'nearest' });
// @ts-expect-error kNN has no threshold in its paper
new novelty.KNearestNeighbors({ contamination: 'auto' });
// @ts-expect-error no such option
new novelty.LocalOutlierFactor({ neighbors: 5 });
// @ts-expect-error nothing random in it
new novelty.LocalOutlierFactor({ key: key(0) });

// Rows in every form; one axis is none of them.
learnt.predict({ data: new Float32Array(4), shape: [2, 2] });
learnt.predict([Float64Array.of(1, 2)]);
learnt.predict({ height: [1, 2], width: Float32Array.of(3, 4) });
learnt.predict([{ height: 1, width: 3 }]);
learnt.predict(tensor2d([[1, 2]]));
learnt.predict({ data: [1], indices: [0], indptr: [0, 1], shape: [1, 2] });
// @ts-expect-error a list of numbers is no list of rows
learnt.predict([1, 2, 3]);

// Networks keep to the two tasks.
const images = new cnn.novelty.ConvolutionalAutoEncoder({ imageShape: [2, 1, 1] }).fit(rows);
is<Float64Array>(images.explain({ data: new Float32Array(4), shape: [2, 2, 1, 1] }));
// @ts-expect-error no judgement of the training data
images.fitPredict(rows);
// @ts-expect-error the number of channels is missing
new cnn.novelty.ConvolutionalAutoEncoder({ imageShape: [2, 1] });
const times = new rnn.outlier.LSTMAutoEncoder({ window: 10 });
is<Int8Array>(times.fitPredict([1, 2, 3]));
is<Int8Array>(times.fitPredict(rows));
// @ts-expect-error no prediction of new times
times.predict([1, 2, 3]);
const foreseen = new rnn.novelty.LSTMForecaster().fit(Float64Array.of(1, 2));
is<Int8Array>(foreseen.predict([1, 2, 3]));
// @ts-expect-error this one is for novelties
is<outlier.KNearestNeighbors>(foreseen);
// @ts-expect-error a share, not a word
new rnn.novelty.LSTMForecaster({ contamination: 'auto' });
// @ts-expect-error a list of numbers is no list of rows
new deep.novelty.AutoEncoder().fit([1, 2, 3]);
// @ts-expect-error clean training rows are what Deep SVDD needs
new deep.outlier.DeepSVDD();
// @ts-expect-error bounded activations invite collapse
new deep.novelty.DeepSVDD({ activation: 'tanh' });

// Series have the same two tasks, and one number a time is a series.
const values = [1, 2, 3, 4];
const judgedSeries = new series.outlier.SubPCA({ window: 2 });
is<Int8Array>(judgedSeries.fitPredict(values));
is<Float64Array>(judgedSeries.scores);
// @ts-expect-error no scores of another series
judgedSeries.scoreSamples(values);
const learntSeries = new series.novelty.KMeansAD().fit(Float32Array.from(values));
is<Float64Array>(learntSeries.scoreSamples(values));
is<Int8Array>(learntSeries.predict({ temperature: values }));
is<series.novelty.KMeansAD>(learntSeries.withOffset(-2));
// @ts-expect-error no judgement of the training series
learntSeries.fitPredict(values);
// @ts-expect-error a season is no window
new series.novelty.SeasonalResidual({ window: 7 });
is<{ fitPredict(x: series.Series): Int8Array }>(series.recommend('outlier', values).detector);
