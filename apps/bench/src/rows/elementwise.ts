import * as ops from '@dl/core/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const n = 4 << 20;

function unary(kind: string, goal: number, ours: (x: tf.Tensor) => tf.Tensor, tfjs: (x: tf.Tensor) => tf.Tensor): Row {
  const program = (f: (x: tf.Tensor) => tf.Tensor) => () => {
    const x = tf.randomUniform([n], 0.1, 4.1);
    return { step: () => f(x), dispose: () => x.dispose() };
  };
  return {
    name: `${kind} 4M`,
    goals: { tfjs: goal },
    task: { op: 'unary', kind, n },
    ours: program(ours),
    tfjs: program(tfjs),
  };
}

function binary(kind: string, goal: number, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Row {
  return {
    name: `${kind} 4M`,
    goals: { tfjs: goal },
    task: { op: 'binary', kind, n },
    ours() {
      const a = tf.randomUniform([n], -1, 1);
      const b = tf.randomUniform([n], -1, 1);
      return { step: () => f(a, b), dispose: () => tf.dispose([a, b]) };
    },
  };
}

/** x/2 (1 + erf(x / sqrt 2)), as a program without a gelu of its own writes it. */
function gelu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
}

const [rows, columns] = [1024, 1000];

function softmax(f: (x: tf.Tensor) => tf.Tensor) {
  const x = tf.randomUniform([rows, columns], -1, 1);
  return { step: () => f(x), dispose: () => x.dispose() };
}

export const elementwiseRows: readonly Row[] = [
  unary('tanh', 5, ops.tanh, tf.tanh),
  unary('exp', 5, ops.exp, tf.exp),
  unary('log', 5, ops.log, tf.log),
  unary('gelu', 5, (x) => ops.gelu(x), gelu),
  unary('sigmoid', 1, ops.sigmoid, tf.sigmoid),
  unary('relu', 1, ops.relu, tf.relu),
  binary('add', 1, tf.add),
  binary('mul', 1, tf.mul),
  {
    name: `softmax ${rows}x${columns}`,
    goals: { tfjs: 1 },
    task: { op: 'softmax', rows, columns },
    ours: () => softmax((x) => ops.softmax(x)),
    tfjs: () => softmax((x) => tf.softmax(x)),
  },
];
