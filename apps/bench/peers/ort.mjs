// onnxruntime-web's side of the benchmark, on one thread. It is large and not installed with the rest:
// pnpm --filter @dl/bench add onnxruntime-web
import { numbers, serve } from './protocol.mjs';

const ort = await import('onnxruntime-web').catch(() => undefined);
if (ort === undefined) {
  console.log(JSON.stringify({ error: 'not installed' }));
  process.exit();
}
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

// The few messages of the ONNX format (a protocol buffer) that such a graph needs.
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
const float = 1;
const value = (name, shape) => {
  const dimensions = shape.flatMap((size) => bytes(1, number(1, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, float), ...bytes(2, dimensions)]))];
};
const attribute = ([name, content]) => {
  const [integer, integers] = [2, 7];
  const data = Array.isArray(content)
    ? [...content.flatMap((n) => number(8, n)), ...number(20, integers)]
    : [...number(3, content), ...number(20, integer)];
  return bytes(5, [...text(1, name), ...data]);
};
const node = ({ op, attributes = {}, inputs, output }) => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, op),
  ...Object.entries(attributes).flatMap(attribute),
];
/** A constant of small random numbers, which the session may pack beforehand. */
const weight = ([name, shape]) => {
  const data = numbers(shape.reduce((a, b) => a * b, 1)).map((x) => 0.1 * x);
  const raw = new Uint8Array(data.buffer);
  return [...shape.flatMap((size) => number(1, size)), ...number(2, float), ...text(8, name), ...bytes(9, raw)];
};

/** A graph from the inputs x0, x1, ... to y. */
function model({ nodes, weights = {}, inputs, output }) {
  const graph = [
    ...nodes.flatMap((n) => bytes(1, node(n))),
    ...text(2, 'g'),
    ...Object.entries(weights).flatMap((w) => bytes(5, weight(w))),
    ...inputs.flatMap((shape, i) => bytes(11, value(`x${i}`, shape))),
    ...bytes(12, value('y', output)),
  ];
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, [...text(1, ''), ...number(2, 20)])]);
}

async function run(graph) {
  const session = await ort.InferenceSession.create(model(graph), { executionProviders: ['wasm'] });
  const feeds = Object.fromEntries(
    graph.inputs.map((shape, i) => {
      const data = numbers(shape.reduce((a, b) => a * b, 1)).map((x) => 2 * x + 2.1);
      return [`x${i}`, new ort.Tensor('float32', data, shape)];
    }),
  );
  return { step: async () => (await session.run(feeds)).y, close: () => void session.release() };
}

/** A graph of one operation. */
const program = (op, attributes, inputs, output) =>
  run({ nodes: [{ op, attributes, inputs: inputs.map((_, i) => `x${i}`), output: 'y' }], inputs, output });

/** The network of `rows/lenet.ts`, channels first. */
function lenet(batch) {
  const convolution = { kernel_shape: [5, 5], pads: [2, 2, 2, 2] };
  const halve = { kernel_shape: [2, 2], strides: [2, 2] };
  const steps = [
    ['Conv', convolution, ['w1', 'b1']],
    ['Relu'],
    ['MaxPool', halve],
    ['Conv', convolution, ['w2', 'b2']],
    ['Relu'],
    ['MaxPool', halve],
    ['Flatten'],
    ['Gemm', {}, ['w3', 'b3']],
    ['Relu'],
    ['Gemm', {}, ['w4', 'b4']],
  ];
  const name = (i) => (i === 0 ? 'x0' : i === steps.length ? 'y' : `h${i}`);
  return run({
    nodes: steps.map(([op, attributes, weights = []], i) => ({
      op,
      attributes,
      inputs: [name(i), ...weights],
      output: name(i + 1),
    })),
    weights: {
      w1: [32, 1, 5, 5],
      b1: [32],
      w2: [64, 32, 5, 5],
      b2: [64],
      w3: [3136, 128],
      b3: [128],
      w4: [128, 10],
      b4: [10],
    },
    inputs: [[batch, 1, 28, 28]],
    output: [batch, 10],
  });
}

const names = {
  tanh: 'Tanh',
  exp: 'Exp',
  log: 'Log',
  gelu: 'Gelu',
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  add: 'Add',
  mul: 'Mul',
};

await serve(`onnxruntime-web ${ort.env.versions?.web ?? ''}`.trim(), {
  matMul({ batch, m, k, n, transposeA, transposeB }) {
    if (batch !== undefined)
      return program(
        'MatMul',
        {},
        [
          [batch, m, k],
          [batch, k, n],
        ],
        [batch, m, n],
      );
    const inputs = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
    return program('Gemm', { transA: Number(transposeA), transB: Number(transposeB) }, inputs, [m, n]);
  },
  unary: ({ kind, n }) => program(names[kind], {}, [[n]], [n]),
  binary: ({ kind, n }) => program(names[kind], {}, [[n], [n]], [n]),
  lenet: ({ batch, train }) => (train ? undefined : lenet(batch)),
  softmax: ({ rows, columns }) => program('Softmax', {}, [[rows, columns]], [rows, columns]),
});
