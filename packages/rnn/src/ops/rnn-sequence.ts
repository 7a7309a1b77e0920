import { defineOp, type Tensor } from '@dl/core/ops';
import { type Nonlinearity, rnnCell } from '../cells/rnn-cell';
import { kernels } from '../kernels';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { fusedBackward, fusedForward, projectInputs, type Recurrence, rulesOfSums } from '../sequence/fused';
import { biasSum } from '../sequence/products';

type Outputs = {
  /** [batch, time, hidden] */
  output: Tensor;
  /** [batch, hidden] */
  h: Tensor;
};

type Attrs = SequenceAttrs & { nonlinearity: Nonlinearity };

/** The plain recurrence as kernels. */
const recurrence: Recurrence<Attrs> = {
  states: ({ weightHh }) => [weightHh.shape[1]!],
  values: ({ weightHh }) => ({ hiddens: weightHh.shape[1]! }),
  forward(stretch) {
    const { heap, inputs, attrs, chunk, sizes, before, mask, values } = stretch;
    const [hidden, { batch }] = [inputs.weightHh.shape[1]!, attrs.plan];
    projectInputs(stretch, biasSum(heap, inputs), values.hiddens!);
    const { rnnForward, rnnScratch } = kernels.on(heap);
    heap.scratch(rnnScratch(batch, hidden), (scratch) =>
      rnnForward(
        chunk.steps,
        sizes,
        batch,
        hidden,
        heap.address(inputs.weightHh),
        mask,
        before[0]!,
        heap.address(values.hiddens!),
        attrs.nonlinearity === 'relu' ? 1 : 0,
        scratch,
      ),
    );
  },
  backward(stretch, { output, states }) {
    const { heap, inputs, attrs, chunk, sizes, index, mask, values } = stretch;
    const [hidden, { batch }] = [inputs.weightHh.shape[1]!, attrs.plan];
    const dSums = heap.tensor([chunk.rows, hidden]);
    const { rnnBackward, rnnScratch } = kernels.on(heap);
    heap.scratch(rnnScratch(batch, hidden), (scratch) =>
      rnnBackward(
        chunk.steps,
        sizes,
        chunk.rows,
        hidden,
        heap.address(inputs.weightHh),
        mask,
        heap.address(values.hiddens!),
        heap.address(output),
        index,
        heap.address(dSums),
        heap.address(states[0]!),
        attrs.nonlinearity === 'relu' ? 1 : 0,
        scratch,
      ),
    );
    values.dSums = dSums; // freed with the other values
    const all = { from: 0, at: 0, size: hidden };
    return rulesOfSums(stretch, dSums, { input: [all], recurrent: all });
  },
};

/** A plain recurrent layer in one direction over whole sequences: one kernel call forward, one backward. */
export const rnnSequence = defineOp<SequenceInputs, Outputs, Attrs, Record<string, Tensor>>({
  name: 'rnnSequence',
  error: '2e-6 absolute a step',
  saves: ['x', 'weightIh', 'weightHh', 'biasIh', 'biasHh', 'h0', 'mask'],
  forward: (inputs, attrs) => {
    const { output, state } = composedForward(rnnCell(attrs.nonlinearity), inputs, 1, attrs);
    return { output, h: state[0]! };
  },
  backward: ({ dy, ...saved }, attrs) => {
    const cell = rnnCell(attrs.nonlinearity);
    const { state, ...gradients } = composedBackward(cell, saved, dy.output, [dy.h], attrs);
    return { ...gradients, h0: state[0]! };
  },
  kernel: (inputs, attrs, heap, save) => {
    const { output, states } = fusedForward(recurrence, inputs, attrs, heap, save);
    return { output, h: states[0]! };
  },
  backwardKernel: ({ dy, ...saved }, attrs, heap) => fusedBackward(recurrence, saved, attrs, heap, dy.output, [dy.h]),
});
