import { conv2d, conv2dInput, conv2dWeight } from '@dl/cnn/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';

interface Layer {
  name: string;
  image: [batch: number, height: number, width: number, channels: number];
  filter: [height: number, width: number, inputs: number, outputs: number];
  pad: 'same' | 'valid';
}

const layers: readonly Layer[] = [
  { name: 'LeNet-1, 28x28x1 to 32, 5x5, batch 32', image: [32, 28, 28, 1], filter: [5, 5, 1, 32], pad: 'valid' },
  { name: 'LeNet-2, 12x12x32 to 64, 5x5, batch 32', image: [32, 12, 12, 32], filter: [5, 5, 32, 64], pad: 'valid' },
  { name: '28x28x64 to 64, 3x3, batch 8', image: [8, 28, 28, 64], filter: [3, 3, 64, 64], pad: 'same' },
];

type Tensor4 = tf.Tensor4D;
const random = (shape: number[]) => tf.randomUniform<tf.Rank.R4>(shape as Layer['image'], -1, 1);

function outputShape({ image, filter, pad }: Layer): Layer['image'] {
  return tf.backend_util.computeConv2DInfo(image, filter, 1, 1, pad).outShape;
}

/** A kernel of tfjs by its name: ours where we replace it, else tfjs's own. */
function kernel(name: string, inputs: Record<string, tf.Tensor>, attrs: object) {
  return {
    step: () => tf.engine().runKernel<tf.Tensor>(name, inputs, attrs as tf.NamedAttrMap),
    dispose: () => tf.dispose(inputs),
  };
}

function forward(layer: Layer): Row {
  const { name, image, filter, pad } = layer;
  const program = (convolve: (x: Tensor4, w: Tensor4) => tf.Tensor) => () => {
    const [x, w] = [random(image), random(filter)];
    return { step: () => convolve(x, w), dispose: () => tf.dispose([x, w]) };
  };
  return {
    name: `conv2d forward, ${name}`,
    goals: { tfjs: 1.4 },
    task: { op: 'conv2d', image: image.join(), filter: filter.join(), pad },
    ours: program((x, w) => conv2d(x, w, undefined, { padding: pad })),
    tfjs: program((x, w) => tf.conv2d(x, w, 1, pad)),
  };
}

function inputGradient(layer: Layer): Row {
  const { name, image, filter, pad } = layer;
  return {
    name: `conv2d input gradient, ${name}`,
    goals: { tfjs: 8 },
    ours() {
      const [dy, w] = [random(outputShape(layer)), random(filter)];
      return { step: () => conv2dInput(image, w, dy, { padding: pad }), dispose: () => tf.dispose([dy, w]) };
    },
    tfjs: () =>
      kernel(
        'Conv2DBackpropInput',
        { dy: random(outputShape(layer)), filter: random(filter) },
        { strides: 1, pad, dataFormat: 'NHWC', inputShape: image },
      ),
  };
}

function filterGradient(layer: Layer): Row {
  const { name, image, filter, pad } = layer;
  return {
    name: `conv2d filter gradient, ${name}`,
    goals: { cpu: 500, self: 1 / 1.3 },
    slow: true,
    ours() {
      const [x, dy] = [random(image), random(outputShape(layer))];
      return { step: () => conv2dWeight(x, filter, dy, { padding: pad }), dispose: () => tf.dispose([x, dy]) };
    },
    tfjs: false, // it has no such kernel
    cpu: () =>
      kernel(
        'Conv2DBackpropFilter',
        { x: random(image), dy: random(outputShape(layer)) },
        { strides: 1, pad, dataFormat: 'NHWC', filterShape: filter },
      ),
    // The product of matrices that the gradient is, with the matrix of patches made beforehand.
    self() {
      const [batch, height, width, outputs] = outputShape(layer);
      const positions = batch * height * width;
      const patches = tf.randomUniform<tf.Rank.R2>([positions, filter[0] * filter[1] * filter[2]], -1, 1);
      const dy = tf.randomUniform<tf.Rank.R2>([positions, outputs], -1, 1);
      return { step: () => tf.matMul(patches, dy, true, false), dispose: () => tf.dispose([patches, dy]) };
    },
  };
}

const [image, filter]: [Layer['image'], Layer['image']] = [
  [8, 56, 56, 64],
  [3, 3, 64, 1],
];

function depthwiseGradient(title: string, name: string, inputs: Record<string, Layer['image']>, attrs: object): Row {
  const program = () =>
    kernel(name, Object.fromEntries(Object.entries(inputs).map(([key, shape]) => [key, random(shape)])), {
      strides: 1,
      pad: 'same',
      dilations: [1, 1],
      ...attrs,
    });
  return { name: title, goals: { cpu: 100 }, slow: true, ours: program, tfjs: false, cpu: program };
}

const depthwiseRows: readonly Row[] = [
  {
    name: 'depthwise 3x3 forward, 8x56x56x64',
    goals: { tfjs: 1 },
    task: { op: 'depthwise', image: image.join() },
    ours() {
      const [x, w] = [random(image), random([3, 3, 1, 64])];
      return {
        step: () => conv2d(x, w, undefined, { padding: 'same', groups: 64 }),
        dispose: () => tf.dispose([x, w]),
      };
    },
    tfjs() {
      const [x, w] = [random(image), random(filter)];
      return { step: () => tf.depthwiseConv2d(x, w, 1, 'same'), dispose: () => tf.dispose([x, w]) };
    },
  },
  depthwiseGradient(
    'depthwise 3x3 input gradient, 8x56x56x64',
    'DepthwiseConv2dNativeBackpropInput',
    { dy: image, filter },
    { inputShape: image },
  ),
  depthwiseGradient(
    'depthwise 3x3 filter gradient, 8x56x56x64',
    'DepthwiseConv2dNativeBackpropFilter',
    { x: image, dy: image },
    { filterShape: filter },
  ),
];

const poolingRow: Row = {
  name: 'max-pool 2x2 gradient, 32x28x28x32',
  goals: { tfjs: 5 },
  ours() {
    const x = random([32, 28, 28, 32]);
    const y = tf.maxPool(x, 2, 2, 'valid');
    const dy = random(y.shape);
    return kernel('MaxPoolGrad', { dy, input: x, output: y }, { filterSize: [2, 2], strides: [2, 2], pad: 'valid' });
  },
};

export const convolutionRows: readonly Row[] = [
  ...layers.map(forward),
  ...layers.map(inputGradient),
  ...layers.map(filterGradient),
  ...depthwiseRows,
  poolingRow,
];
