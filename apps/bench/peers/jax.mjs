// jax-js's side of the benchmark, on its WebAssembly device: functions are compiled by `jit` before they are timed.
import { numbers, serve } from './protocol.mjs';

const jax = await import('@jax-js/jax').catch(() => undefined);
if (jax === undefined) {
  console.log(JSON.stringify({ error: 'not installed' }));
  process.exit();
}
const { init, defaultDevice, grad, jit, numpy: np, nn } = jax;
await init('wasm');
defaultDevice('wasm');

const array = (...shape) => np.array(numbers(shape.reduce((a, b) => a * b, 1))).reshape(shape);

/** A call consumes its arguments: `.ref` keeps them for the next. */
async function program(f, ...inputs) {
  const compiled = jit(f);
  const step = () => compiled(...inputs.map((x) => x.ref)).blockUntilReady();
  (await step()).dispose();
  return { step, close: () => inputs.map((x) => x.dispose()) };
}

const unary = {
  tanh: np.tanh,
  exp: np.exp,
  log: np.log,
  gelu: (x) => nn.gelu(x, { approximate: false }),
  relu: nn.relu,
  sigmoid: nn.sigmoid,
};
const binary = { add: np.add, mul: np.multiply };
const swapped = (x) => np.swapaxes(x, -1, -2);

/** The mean square of the last hidden state of an LSTM: its 100 steps are written out, since there is no `scan`. */
function lstmLoss({ time, batch, hidden }) {
  return (weightIh, weightHh, bias, x) => {
    const projected = np.add(np.matmul(x, weightIh), bias); // [time, batch, 4 * hidden]
    let h = np.zeros([batch, hidden]);
    let c = np.zeros([batch, hidden]);
    for (let t = 0; t < time; t++) {
      const sums = np.add(projected.ref.slice(t), np.matmul(h, weightHh.ref));
      const [i, f, g, o] = np.split(sums, 4, 1);
      c = np.add(np.multiply(nn.sigmoid(f), c), np.multiply(nn.sigmoid(i), np.tanh(g)));
      h = np.multiply(nn.sigmoid(o), np.tanh(c.ref));
    }
    for (const done of [c, projected, weightHh]) done.dispose();
    return np.mean(np.multiply(h.ref, h));
  };
}

await serve('jax-js 0.1.25', {
  async recurrent({ kind, hidden, batch, time, inputs }) {
    if (kind !== 'LSTM' || hidden !== 64) return undefined; // compiling takes longer than anybody waits
    const gradients = jit(grad(lstmLoss({ time, batch, hidden }), { argnums: [0, 1, 2] }));
    const small = (...shape) => np.multiply(array(...shape), 0.1);
    const given = [small(inputs, 4 * hidden), small(hidden, 4 * hidden), small(4 * hidden), array(time, batch, inputs)];
    const step = async () => {
      const results = gradients(...given.map((x) => x.ref));
      for (const result of results) await result.blockUntilReady();
      return { dispose: () => results.map((result) => result.dispose()) };
    };
    (await step()).dispose();
    return { step, close: () => given.map((x) => x.dispose()) };
  },
  matMul({ batch, m, k, n, transposeA, transposeB }) {
    const lead = batch === undefined ? [] : [batch];
    const a = array(...lead, ...(transposeA ? [k, m] : [m, k]));
    const b = array(...lead, ...(transposeB ? [n, k] : [k, n]));
    return program((x, y) => np.matmul(transposeA ? swapped(x) : x, transposeB ? swapped(y) : y), a, b);
  },
  reduce: ({ kind, rows, columns }) => program((x) => np[kind](x, 0), array(rows, columns)),
  transpose: ({ n }) => program((x) => np.transpose(x), array(n, n)),
  tile: ({ n }) => program((x) => np.tile(x, [2, 2]), array(n, n)),
  unary: ({ kind, n }) => program(unary[kind], np.add(np.multiply(array(n), 2), 2.1)),
  binary: ({ kind, n }) => program(binary[kind], array(n), array(n)),
  softmax: ({ rows, columns }) => program((x) => nn.softmax(x, -1), array(rows, columns)),
});
