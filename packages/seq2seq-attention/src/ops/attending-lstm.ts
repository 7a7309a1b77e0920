import {
  add,
  concat,
  defineOp,
  expandDims,
  type Gradients,
  type Heap,
  linear,
  matMul,
  mul,
  reshape,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  zerosLike,
} from '@dl/core/ops';
import { type CellWeights, lstmCell } from '@dl/rnn';
import { kernels } from '../kernels';
import { additiveScores } from './additive-scores';
import { maskedSoftmax } from './masked-softmax';

/** An LSTM cell, and the additive attention that feeds it. */
type Inputs = Pick<CellWeights, 'weightIh' | 'weightHh' | 'biasIh' | 'biasHh'> & {
  /** [batch, steps, in] */
  x: Tensor;
  /** [batch, keys, features] what is weighed */
  memory: Tensor;
  /** [batch, keys, compared] what queries are compared with */
  projected: Tensor;
  /** [batch, 1, keys] 0 where a key must not be looked at, else 1; not differentiated */
  mask?: Tensor | undefined;
  /** [compared, hidden] */
  weightQuery: Tensor;
  /** [compared] */
  biasQuery?: Tensor | undefined;
  /** [compared] */
  v: Tensor;
  /** [batch, hidden] */
  h0: Tensor;
  /** [batch, hidden] */
  c0: Tensor;
};

type Outputs = {
  /** [batch, steps, hidden] */
  output: Tensor;
  /** [batch, steps, features] */
  context: Tensor;
  /** [batch, steps, keys] */
  weights: Tensor;
  /** [batch, hidden] the cell state after the last step */
  c: Tensor;
};

/** What the kernel keeps, the rows of one step after those of the other. */
type Residuals = {
  /** [steps + 1, batch, hidden], the first ones before the first step */
  hiddens: Tensor;
  cells: Tensor;
  /** [steps, batch, 4 * hidden] */
  gates: Tensor;
  /** [steps, batch, compared] */
  queries: Tensor;
  /** [steps, batch, features] */
  contexts: Tensor;
};

/** A step t of x [batch, steps, width]: [batch, width]. */
function stepOf(x: Tensor, t: number): Tensor {
  const [batch, , width] = x.shape as [number, number, number];
  return reshape(slice(x, [0, t, 0], [batch, 1, width]), [batch, width]);
}

/** Goes through the steps, one after the other. */
function unroll({ x, memory, projected, mask, weightQuery, biasQuery, v, h0, c0, ...cell }: Inputs) {
  const [batch, features] = [memory.shape[0], memory.shape[2]!];
  let state = [h0, c0];
  return Array.from({ length: x.shape[1]! }, (_, t) => {
    const before = state;
    const query = expandDims(linear(before[0]!, weightQuery, biasQuery), 1); // [batch, 1, compared]
    const weights = maskedSoftmax({ scores: additiveScores({ query, key: projected, v }), mask });
    const context = reshape(matMul(weights, memory), [batch, features]);
    const input = concat([stepOf(x, t), context], 1);
    const next = lstmCell.step(input, before, cell);
    state = next.state;
    return { before, query, weights, context, input, ...next };
  });
}

/** The steps in the opposite order, each handing the gradient of its state to the one before. */
function unrollBack(inputs: Inputs, dy: Outputs): Gradients<Inputs> {
  const { x, memory, projected, weightIh, weightHh, weightQuery, v, biasIh, biasHh, biasQuery } = inputs;
  const [batch, width, features] = [x.shape[0], x.shape[2]!, memory.shape[2]!];
  const sums: Record<string, Tensor> = {};
  const gather = (name: string, part: Tensor) => {
    sums[name] = sums[name] === undefined ? part : add(sums[name], part);
  };
  const dx: Tensor[] = [];
  let [h0, c0]: Tensor[] = [zerosLike(inputs.h0), dy.c];
  for (const [t, step] of [...unroll(inputs).entries()].reverse()) {
    const [h, weights] = [step.before[0]!, step.weights];
    const { dInput: dGates, dState } = lstmCell.stepBackward(step.values, step.before, [
      add(h0!, stepOf(dy.output, t)),
      c0!,
    ]);
    const dParts = matMul(dGates, weightIh); // [batch, in + features]
    dx[t] = slice(dParts, [0, 0], [batch, width]);
    const found = add(slice(dParts, [0, width], [batch, features]), stepOf(dy.context, t));
    const dContext = expandDims(found, 1); // [batch, 1, features]
    const dWeights = add(expandDims(stepOf(dy.weights, t), 1), matMul(dContext, memory, false, true));
    const weighted = mul(dWeights, weights);
    const dScores = transpose(sub(weighted, mul(weights, sum(weighted, -1, true))), [0, 2, 1]); // [batch, keys, 1]
    const activated = tanh(add(step.query, projected)); // [batch, keys, compared]
    const inner = mul(mul(dScores, v), sub(1, mul(activated, activated)));
    const dQuery = sum(inner, 1);
    h0 = add(matMul(dGates, weightHh), matMul(dQuery, weightQuery));
    c0 = dState[1]!;
    gather('memory', matMul(weights, dContext, true));
    gather('projected', inner);
    gather('v', sum(mul(dScores, activated), [0, 1]));
    gather('weightIh', matMul(dGates, step.input, true));
    gather('weightHh', matMul(dGates, h, true));
    gather('weightQuery', matMul(dQuery, h, true));
    if (biasIh) gather('biasIh', sum(dGates, 0));
    if (biasHh) gather('biasHh', sum(dGates, 0));
    if (biasQuery) gather('biasQuery', sum(dQuery, 0));
  }
  return { ...sums, x: stack(dx, 1), h0: h0!, c0: c0! };
}

/**
 * An LSTM that looks back at a source before each of its steps, over all steps of a known target: Bahdanau et al. 2015.
 *
 * ```
 * q[t] = Wq h[t - 1] + bq     weights[t] = softmax(v . tanh(q[t] + projected))     context[t] = weights[t] memory
 * h[t], c[t] = LSTM([x[t]; context[t]], h[t - 1], c[t - 1])
 * ```
 *
 * Backward goes through the steps once for the gradients of the sums inside gates and queries; that of each weight is then
 * one product over all steps. At least one step.
 */
export const attendingLstm = defineOp<Inputs, Outputs, undefined, Residuals>({
  name: 'attendingLstm',
  error: '2e-6 absolute a step',
  forward: (inputs) => {
    const steps = unroll(inputs);
    return {
      output: stack(
        steps.map(({ state }) => state[0]!),
        1,
      ),
      context: stack(
        steps.map(({ context }) => context),
        1,
      ),
      weights: concat(
        steps.map(({ weights }) => weights),
        1,
      ),
      c: steps.at(-1)!.state[1]!,
    };
  },
  backward: ({ dy, ...saved }) => unrollBack(saved, dy),
  kernel: (inputs, _, heap, save) => {
    const { x, memory, projected, mask, weightIh, weightHh, weightQuery, biasQuery, v, h0, c0 } = inputs;
    const [steps, batch, keys, , features, hidden, compared] = sizesOf(inputs);
    const states = (first: Tensor) => {
      const all = heap.tensor([steps + 1, batch, hidden]);
      valuesOf(heap, all).set(valuesOf(heap, first));
      return all;
    };
    const kept = {
      hiddens: states(h0),
      cells: states(c0),
      gates: heap.tensor([steps, batch, 4 * hidden]),
      queries: heap.tensor([steps, batch, compared]),
      contexts: heap.tensor([steps, batch, features]),
    };
    const weights = heap.tensor([batch, steps, keys]);
    const byStep = swapped(heap, x);
    const bias = biasSum(inputs);
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    const run = kernels.on(heap);
    heap.scratch(run.attendingLstmScratch(...sizesOf(inputs)), (scratch) =>
      run.attendingLstm(
        ...sizesOf(inputs),
        at(byStep),
        at(memory),
        at(projected),
        at(mask),
        at(weightIh),
        at(weightHh),
        at(bias),
        at(weightQuery),
        at(biasQuery),
        at(v),
        at(kept.hiddens),
        at(kept.cells),
        at(kept.gates),
        at(kept.queries),
        at(kept.contexts),
        at(weights),
        scratch,
      ),
    );
    save(kept);
    const last = 4 * steps * batch * hidden;
    const c = heap.tensor([batch, hidden]);
    valuesOf(heap, c).set(heap.floats(heap.address(kept.cells) + last, batch * hidden));
    const output = heap.tensor([batch, steps, hidden]);
    run.swapRows(at(kept.hiddens) + 4 * batch * hidden, steps, batch, hidden, at(output));
    return { output, context: swapped(heap, kept.contexts), weights, c };
  },
  backwardKernel: (saved, _, heap) => {
    const { x, memory, projected, weightIh, weightHh, biasIh, biasHh, weightQuery, biasQuery, v, weights, dy } = saved;
    const [steps, batch, , , , hidden, compared] = sizesOf(saved);
    const like = (tensor: Tensor) => heap.tensor(tensor.shape);
    const given = { dHiddens: swapped(heap, dy.output), dContexts: swapped(heap, dy.context), x: swapped(heap, x) };
    const h0 = heap.tensor([batch, hidden]);
    valuesOf(heap, h0).fill(0);
    const c0 = heap.tensor([batch, hidden]);
    valuesOf(heap, c0).set(valuesOf(heap, dy.c));
    const gradients = {
      memory: like(memory),
      projected: like(projected),
      weightIh: like(weightIh),
      weightHh: like(weightHh),
      weightQuery: like(weightQuery),
      v: like(v),
      h0,
      c0,
    };
    const bias = biasIh || biasHh ? heap.tensor([4 * hidden]) : undefined;
    const dBiasQuery = biasQuery && like(biasQuery);
    const dx = like(given.x);
    const dQueries = heap.tensor([steps, batch, compared]);
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    const run = kernels.on(heap);
    heap.scratch(run.attendingLstmScratch(...sizesOf(saved)), (scratch) =>
      run.attendingLstmGradient(
        ...sizesOf(saved),
        at(given.x),
        at(memory),
        at(projected),
        at(weightIh),
        at(weightHh),
        at(weightQuery),
        at(v),
        at(saved.hiddens),
        at(saved.cells),
        at(saved.gates),
        at(saved.queries),
        at(saved.contexts),
        at(weights),
        at(given.dHiddens),
        at(given.dContexts),
        at(dy.weights),
        at(h0),
        at(c0),
        at(dQueries),
        at(dx),
        at(gradients.memory),
        at(gradients.projected),
        at(gradients.weightIh),
        at(gradients.weightHh),
        at(bias),
        at(gradients.weightQuery),
        at(dBiasQuery),
        at(gradients.v),
        scratch,
      ),
    );
    return {
      ...gradients,
      x: swapped(heap, dx),
      ...(biasIh && { biasIh: bias! }),
      ...(biasHh && { biasHh: biasIh ? bias!.clone() : bias! }),
      ...(dBiasQuery && { biasQuery: dBiasQuery }),
    };
  },
});

type Sizes = [
  steps: number,
  batch: number,
  keys: number,
  inputs: number,
  features: number,
  hidden: number,
  compared: number,
];

function sizesOf({ x, memory, projected, weightHh }: Inputs): Sizes {
  const [batch, steps, inputs] = x.shape as [number, number, number];
  return [steps, batch, memory.shape[1]!, inputs, memory.shape[2]!, weightHh.shape[1]!, projected.shape[2]!];
}

/** x [a, b, width] as [b, a, width]. */
function swapped(heap: Heap, x: Tensor): Tensor {
  const [a, b, width] = x.shape as [number, number, number];
  const y = heap.tensor([b, a, width]);
  kernels.on(heap).swapRows(heap.address(x), a, b, width, heap.address(y));
  return y;
}

/** Values of a tensor in the heap; good until something is allocated. */
function valuesOf(heap: Heap, tensor: Tensor): Float32Array {
  return heap.floats(heap.address(tensor), tensor.size);
}

/** The two biases of the cell as one. */
function biasSum({ biasIh, biasHh }: Inputs): Tensor | undefined {
  return biasIh && biasHh ? add(biasIh, biasHh) : (biasIh ?? biasHh);
}
