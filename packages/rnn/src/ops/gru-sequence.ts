import { defineOp, type Tensor } from '@dl/core/ops';
import { gruCell } from '../cells/gru-cell';
import { kernels } from '../kernels';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { fusedBackward, fusedForward, projectInputs, type Recurrence, rulesOfSums } from '../sequence/fused';

type Outputs = {
  /** [batch, time, hidden] */
  output: Tensor;
  /** [batch, hidden] */
  h: Tensor;
};

/** The GRU as kernels. */
const recurrence: Recurrence<SequenceAttrs> = {
  states: ({ weightHh }) => [weightHh.shape[1]!],
  values: ({ weightHh }) => ({ gates: 4 * weightHh.shape[1]!, hiddens: weightHh.shape[1]! }),
  forward(stretch) {
    const { heap, inputs, attrs, chunk, sizes, before, mask, values } = stretch;
    const { weightHh, biasIh, biasHh } = inputs;
    const [hidden, { batch }] = [weightHh.shape[1]!, attrs.plan];
    projectInputs(stretch, biasIh, values.gates!); // fills three of the four
    const { gruForward, gruScratch } = kernels.on(heap);
    heap.scratch(gruScratch(batch, hidden), (scratch) =>
      gruForward(
        chunk.steps,
        sizes,
        batch,
        hidden,
        heap.address(weightHh),
        biasHh ? heap.address(biasHh) : 0,
        mask,
        before[0]!,
        heap.address(values.gates!),
        heap.address(values.hiddens!),
        scratch,
      ),
    );
  },
  backward(stretch, { output, states }) {
    const { heap, inputs, attrs, chunk, sizes, index, before, mask, values } = stretch;
    const { weightHh } = inputs;
    const [hidden, { batch }] = [weightHh.shape[1]!, attrs.plan];
    const { gruBackward, gruScratch } = kernels.on(heap);
    heap.scratch(gruScratch(batch, hidden), (scratch) =>
      gruBackward(
        chunk.steps,
        sizes,
        chunk.rows,
        batch,
        hidden,
        heap.address(weightHh),
        mask,
        before[0]!,
        heap.address(values.gates!),
        heap.address(values.hiddens!),
        heap.address(output),
        index,
        heap.address(states[0]!),
        scratch,
      ),
    );
    // The gates have become the gradients of the sums: n of the input, then r, z, n of the recurrence.
    return rulesOfSums(stretch, values.gates!, {
      input: [
        { from: hidden, at: 0, size: 2 * hidden },
        { from: 0, at: 2 * hidden, size: hidden },
      ],
      recurrent: { from: hidden, at: 0, size: 3 * hidden },
    });
  },
};

/** A GRU layer in one direction over whole sequences: one kernel call forward, one backward. */
export const gruSequence = defineOp<SequenceInputs, Outputs, SequenceAttrs, Record<string, Tensor>>({
  name: 'gruSequence',
  error: '2e-6 absolute a step',
  saves: ['x', 'weightIh', 'weightHh', 'biasIh', 'biasHh', 'h0', 'mask'],
  forward: (inputs, attrs) => {
    const { output, state } = composedForward(gruCell, inputs, 1, attrs);
    return { output, h: state[0]! };
  },
  backward: ({ dy, ...saved }, attrs) => {
    const { state, ...gradients } = composedBackward(gruCell, saved, dy.output, [dy.h], attrs);
    return { ...gradients, h0: state[0]! };
  },
  kernel: (inputs, attrs, heap, save) => {
    const { output, states } = fusedForward(recurrence, inputs, attrs, heap, save);
    return { output, h: states[0]! };
  },
  backwardKernel: ({ dy, ...saved }, attrs, heap) => fusedBackward(recurrence, saved, attrs, heap, dy.output, [dy.h]),
});
