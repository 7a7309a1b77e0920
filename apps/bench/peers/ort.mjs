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

// The few messages of the ONNX format (a protocol buffer) that a graph of one node needs.
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
const float = 1;
const value = (name, shape) => {
  const dimensions = shape.flatMap((size) => bytes(1, number(1, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, float), ...bytes(2, dimensions)]))];
};

function model(op, attributes, inputs, output) {
  const integer = 2;
  const node = [
    ...inputs.flatMap((_, i) => text(1, `x${i}`)),
    ...text(2, 'y'),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, n]) =>
      bytes(5, [...text(1, name), ...number(3, n), ...number(20, integer)]),
    ),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'g'),
    ...inputs.flatMap((shape, i) => bytes(11, value(`x${i}`, shape))),
    ...bytes(12, value('y', output)),
  ];
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, [...text(1, ''), ...number(2, 20)])]);
}

async function program(op, attributes, inputs, output) {
  const session = await ort.InferenceSession.create(model(op, attributes, inputs, output), {
    executionProviders: ['wasm'],
  });
  const feeds = Object.fromEntries(
    inputs.map((shape, i) => {
      const data = numbers(shape.reduce((a, b) => a * b, 1)).map((x) => 2 * x + 2.1);
      return [`x${i}`, new ort.Tensor('float32', data, shape)];
    }),
  );
  return { step: async () => (await session.run(feeds)).y, close: () => void session.release() };
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
  softmax: ({ rows, columns }) => program('Softmax', {}, [[rows, columns]], [rows, columns]),
});
