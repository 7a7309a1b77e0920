import { defineOp, type Tensor } from '@dl/core/ops';
import { lstmCell } from '../cells/lstm-cell';
import { kernels } from '../kernels';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { fusedBackward, fusedForward, projectInputs, type Recurrence, rulesOfSums } from '../sequence/fused';
import { pack } from '../sequence/packed';
import { biasSum, columnsOf, product } from '../sequence/products';

type Outputs = {
  /** [batch, time, width], where width is hidden, or projSize */
  output: Tensor;
  /** [batch, width] */
  h: Tensor;
  /** [batch, hidden] */
  c: Tensor;
};

/** The LSTM as kernels. */
const recurrence: Recurrence<SequenceAttrs> = {
  states: (inputs) => [widthOf(inputs), hiddenOf(inputs)],
  values(inputs) {
    const hidden = hiddenOf(inputs);
    return {
      gates: 4 * hidden,
      cells: hidden,
      hiddens: widthOf(inputs),
      ...(inputs.weightHr && { shown: hidden }),
    };
  },
  forward(stretch) {
    const { heap, inputs, attrs, chunk, sizes, before, mask, values } = stretch;
    const { weightHh, weightHr } = inputs;
    const { gates, cells, hiddens, shown } = values as {
      gates: Tensor;
      cells: Tensor;
      hiddens: Tensor;
      shown?: Tensor;
    };
    const [hidden, width, { batch }] = [hiddenOf(inputs), widthOf(inputs), attrs.plan];
    projectInputs(stretch, biasSum(heap, inputs), gates);
    const { lstmForward, lstmScratch } = kernels.on(heap);
    heap.scratch(lstmScratch(batch, hidden, width, weightHr ? 1 : 0), (scratch) =>
      lstmForward(
        chunk.steps,
        sizes,
        batch,
        hidden,
        width,
        heap.address(weightHh),
        weightHr ? heap.address(weightHr) : 0,
        mask,
        before[0]!,
        before[1]!,
        heap.address(gates),
        heap.address(cells),
        shown ? heap.address(shown) : 0,
        heap.address(hiddens),
        scratch,
      ),
    );
  },
  backward(stretch, { output, states }) {
    const { heap, inputs, attrs, chunk, sizes, index, before, mask, values } = stretch;
    const { weightHh, weightHr } = inputs;
    const { gates, cells, shown } = values as { gates: Tensor; cells: Tensor; shown?: Tensor };
    const [hidden, width, { batch }] = [hiddenOf(inputs), widthOf(inputs), attrs.plan];
    const projected = weightHr && pack(heap, output, index, chunk.rows);
    const { lstmBackward, lstmScratch } = kernels.on(heap);
    heap.scratch(lstmScratch(batch, hidden, width, weightHr ? 1 : 0), (scratch) =>
      lstmBackward(
        chunk.steps,
        sizes,
        chunk.rows,
        batch,
        hidden,
        width,
        heap.address(weightHh),
        weightHr ? heap.address(weightHr) : 0,
        mask,
        before[1]!,
        heap.address(gates),
        heap.address(cells),
        heap.address(projected ?? output),
        projected ? 0 : index,
        heap.address(states[0]!),
        heap.address(states[1]!),
        scratch,
      ),
    );
    const all = { from: 0, at: 0, size: 4 * hidden };
    const rules = rulesOfSums(stretch, gates, { input: [all], recurrent: all });
    if (!projected) return rules;
    values.projected = projected; // the gradients of the hidden states by now; freed with the other values
    return {
      ...rules,
      weightHr(to, add) {
        const shape = [width, hidden, chunk.rows] as const;
        product(heap, shape, columnsOf(heap, projected), columnsOf(heap, shown!), columnsOf(heap, to), {
          transA: true,
          add,
        });
      },
    };
  },
};

function widthOf({ weightHh }: SequenceInputs): number {
  return weightHh.shape[1]!;
}

function hiddenOf({ weightHh, weightHr }: SequenceInputs): number {
  return (weightHr ?? weightHh).shape[1]!;
}

/** An LSTM layer in one direction over whole sequences: one kernel call forward, one backward. */
export const lstmSequence = defineOp<SequenceInputs, Outputs, SequenceAttrs, Record<string, Tensor>>({
  name: 'lstmSequence',
  error: '2e-6 absolute a step',
  saves: ['x', 'weightIh', 'weightHh', 'weightHr', 'biasIh', 'biasHh', 'h0', 'c0', 'mask'],
  forward: (inputs, attrs) => {
    const { output, state } = composedForward(lstmCell, inputs, 2, attrs);
    return { output, h: state[0]!, c: state[1]! };
  },
  backward: ({ dy, ...saved }, attrs) => {
    const { state, ...gradients } = composedBackward(lstmCell, saved, dy.output, [dy.h, dy.c], attrs);
    return { ...gradients, h0: state[0]!, c0: state[1]! };
  },
  kernel: (inputs, attrs, heap, save) => {
    const { output, states } = fusedForward(recurrence, inputs, attrs, heap, save);
    return { output, h: states[0]!, c: states[1]! };
  },
  backwardKernel: ({ dy, ...saved }, attrs, heap) =>
    fusedBackward(recurrence, saved, attrs, heap, dy.output, [dy.h, dy.c]),
});
