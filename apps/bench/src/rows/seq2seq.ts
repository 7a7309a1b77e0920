import { key, trainStep } from '@dl/core';
import { adam } from '@dl/core/optim';
import {
  beamSearch,
  greedySearch,
  MultiHeadAttention,
  type Seq2SeqConfig,
  seq2seq,
  seq2seqLoss,
} from '@dl/seq2seq-attention';
import * as tf from '@tensorflow/tfjs-core';
import type { Program, Row } from '../row';
import { trainingProgram } from '../training';

const sizes = { batch: 64, source: 20, target: 12, vocabulary: 1000, dim: 128, hidden: 256 };
const { vocabulary, dim, hidden } = sizes;

/** Attention by the state before, its context goes into the step, scores of state, context and embedding: 2,081,256 parameters. */
const bahdanau: Seq2SeqConfig = {
  source: vocabulary,
  target: vocabulary,
  dim,
  hidden,
  attention: 'additive',
  attend: 'before',
  key: key(0),
};

const tokens = (rows: number, time: number) => tf.randomUniform([rows, time], 1, vocabulary, 'int32');

function training(): Program {
  const model = seq2seq(bahdanau);
  const optimizer = adam({ lr: 1e-3 });
  const batch = {
    source: tokens(sizes.batch, sizes.source),
    target: tokens(sizes.batch, sizes.target),
    labels: tokens(sizes.batch, sizes.target),
  };
  return trainingProgram(trainStep(model, seq2seqLoss(), optimizer), batch, [optimizer, model]);
}

/** The same model as one writes it with tfjs: cells step by step, and products with one-hot rows, since gathering has no gradient. */
function trainingInTfjs(): Program {
  const glorot = (rows: number, columns: number) => tf.variable(tf.randomUniform([rows, columns], -0.06, 0.06));
  const weights = {
    source: glorot(vocabulary, dim),
    target: glorot(vocabulary, dim),
    encoder: glorot(dim + hidden, 4 * hidden),
    decoder: glorot(dim + 2 * hidden, 4 * hidden),
    query: glorot(hidden, hidden),
    key: glorot(hidden, hidden),
    v: glorot(hidden, 1),
    out: glorot(2 * hidden + dim, vocabulary),
  };
  const biases = [4 * hidden, 4 * hidden, hidden, vocabulary].map((n) => tf.variable(tf.zeros([n])));
  const optimizer = tf.train.adam(1e-3);
  const hot = (rows: number, time: number) =>
    tf.tidy(() => tf.cast(tf.oneHot(tokens(rows, time), vocabulary), 'float32'));
  const { batch, source, target } = sizes;
  const inputs = [hot(batch, source), hot(batch, target), hot(batch, target)] as const;
  const embed = (x: tf.Tensor, table: tf.Tensor2D, time: number) =>
    tf.unstack(tf.reshape(tf.matMul(tf.reshape(x, [batch * time, vocabulary]), table), [batch, time, dim]), 1);
  const cell = (x: tf.Tensor[], c: tf.Tensor, weight: tf.Tensor2D, bias: tf.Tensor) => {
    const sums = tf.add(tf.matMul(tf.concat(x, 1) as tf.Tensor2D, weight), bias);
    const [i, f, g, o] = tf.split(sums, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const next = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next] as const;
  };
  const loss = () => {
    let [h, c]: readonly [tf.Tensor, tf.Tensor] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])];
    const encoded = embed(inputs[0], weights.source as tf.Tensor2D, source).map((x) => {
      [h, c] = cell([x, h], c, weights.encoder as tf.Tensor2D, biases[0]!);
      return h;
    });
    const memory = tf.stack(encoded, 1); // [batch, source, hidden]
    const flat = tf.reshape(memory, [batch * source, hidden]);
    const keys = tf.reshape(tf.matMul(flat as tf.Tensor2D, weights.key as tf.Tensor2D), [batch, source, hidden]);
    const read = embed(inputs[1], weights.target as tf.Tensor2D, target).map((x) => {
      const query = tf.add(tf.matMul(h as tf.Tensor2D, weights.query as tf.Tensor2D), biases[2]!);
      const sums = tf.reshape(tf.tanh(tf.add(tf.expandDims(query, 1), keys)), [batch * source, hidden]);
      const scores = tf.reshape(tf.matMul(sums as tf.Tensor2D, weights.v as tf.Tensor2D), [batch, 1, source]);
      const context = tf.reshape(tf.matMul(tf.softmax(scores), memory), [batch, hidden]);
      [h, c] = cell([x, context, h], c, weights.decoder as tf.Tensor2D, biases[1]!);
      return tf.concat([h, context, x], 1);
    });
    const rows = tf.reshape(tf.stack(read, 1), [batch * target, 2 * hidden + dim]);
    const logits = tf.add(tf.matMul(rows as tf.Tensor2D, weights.out as tf.Tensor2D), biases[3]!);
    return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(
      tf.reshape(inputs[2], [batch * target, vocabulary]),
      logits,
    );
  };
  return {
    step() {
      optimizer.minimize(loss, false);
      return undefined;
    },
    dispose() {
      optimizer.dispose();
      tf.dispose([...Object.values(weights), ...biases, ...inputs]);
    },
  };
}

const attention = { batch: 8, time: 256, dim: 256, heads: 8 };

function multiHead(): Program {
  const { batch, time, dim, heads } = attention;
  const layer = new MultiHeadAttention({ dim, heads, key: key(0) });
  const params = [...layer.parameters().values()];
  const [x, dy] = [tf.randomNormal([batch, time, dim]), tf.randomNormal([batch, time, dim])];
  const gradients = tf.grads((input: tf.Tensor, ...values: tf.Tensor[]) =>
    params.reduce<() => tf.Tensor>(
      (run, param, i) => () => param.during(values[i]!, run),
      () => layer.forward(input).output,
    )(),
  );
  return {
    step: () => gradients([x, ...params.map((param) => param.value)], dy),
    dispose() {
      layer.dispose();
      tf.dispose([x, dy]);
    },
  };
}

/** Decoding of 12 tokens, the end forbidden before. */
function decoding(batch: number, beam?: number): () => Program {
  return () => {
    const model = seq2seq(bahdanau);
    const source = tokens(batch, sizes.source);
    const options = { minLength: sizes.target, maxLength: sizes.target };
    return {
      step() {
        if (beam === undefined) greedySearch(model, { source }, options);
        else beamSearch(model, { source }, { ...options, beam });
        return undefined;
      },
      dispose() {
        model.dispose();
        source.dispose();
      },
    };
  };
}

export const seq2seqRows: readonly Row[] = [
  {
    name: 'encoder-decoder LSTM 256, Bahdanau, batch 64, 20 to 12 of 1000, one Adam step',
    goals: { torch: 0.8, tfjs: 10 },
    task: { op: 'bahdanau', ...sizes },
    slow: true,
    ours: training,
    tfjs: trainingInTfjs,
  },
  {
    name: 'multi-head attention 8 x 256 x 256, 8 heads, forward and backward',
    goals: { torch: 0.4, tfjs: 5 },
    task: { op: 'multiHead', ...attention },
    slow: true,
    ours: multiHead,
  },
  { name: 'greedy decoding, batch 1, 12 tokens', goals: { tfjs: 10 }, ours: decoding(1) },
  { name: 'greedy decoding, batch 32, 12 tokens', ours: decoding(32), slow: true },
  { name: 'beam 5, batch 32, 12 tokens', ours: decoding(32, 5), slow: true },
];
