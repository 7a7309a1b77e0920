import { defineOp, type Tensor } from '@dl/core/ops';
import { type Nonlinearity, rnnCell } from '../cells/rnn-cell';
import { kernels } from '../kernels';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { lastStates, orderState, pack, restoreState, unpack, withTables } from '../sequence/packed';
import { biasSum, gradientsOfSums, project } from '../sequence/products';

type Outputs = {
  /** [batch, time, hidden] */
  output: Tensor;
  /** [batch, hidden] */
  h: Tensor;
};

type Residuals = { hiddens: Tensor; firstH: Tensor };

/** A plain recurrent layer in one direction over whole sequences: one kernel call forward, one backward. */
export const rnnSequence = defineOp<SequenceInputs, Outputs, SequenceAttrs & { nonlinearity: Nonlinearity }, Residuals>(
  {
    name: 'rnnSequence',
    error: '2e-6 absolute a step',
    saves: ['x', 'weightIh', 'weightHh', 'biasIh', 'biasHh', 'h0'],
    forward: (inputs, attrs) => {
      const { output, state } = composedForward(rnnCell(attrs.nonlinearity), inputs, 1, attrs);
      return { output, h: state[0]! };
    },
    backward: ({ dy, ...saved }, attrs) => {
      const cell = rnnCell(attrs.nonlinearity);
      const { state, ...gradients } = composedBackward(cell, saved, dy.output, [dy.h], attrs);
      return { ...gradients, h0: state[0]! };
    },
    kernel: (inputs, { plan, nonlinearity }, heap, save) => {
      const hidden = inputs.weightHh.shape[1]!;
      return withTables(heap, plan, ({ sizes, index }) => {
        const hiddens = heap.tensor([plan.rows, hidden]);
        const x = pack(heap, inputs.x, plan, index);
        project(heap, x, 0, plan.rows, inputs.weightIh, biasSum(heap, inputs), heap.address(hiddens), hidden);
        x.dispose();
        const firstH = orderState(heap, inputs.h0, plan, hidden);
        const { rnnForward, rnnScratch } = kernels.on(heap);
        heap.scratch(rnnScratch(hidden), (scratch) =>
          rnnForward(
            plan.steps,
            sizes,
            hidden,
            heap.address(inputs.weightHh),
            heap.address(firstH),
            heap.address(hiddens),
            nonlinearity === 'relu' ? 1 : 0,
            scratch,
          ),
        );
        save({ hiddens, firstH });
        return {
          output: unpack(heap, hiddens, plan, index, inputs.x.shape[1]!),
          h: lastStates(heap, hiddens, firstH, plan),
        };
      });
    },
    backwardKernel: (saved, { plan, nonlinearity }, heap) => {
      const { weightHh, hiddens, firstH, dy } = saved;
      const hidden = weightHh.shape[1]!;
      const dh = orderState(heap, dy.h, plan, hidden);
      const dSums = heap.tensor([plan.rows, hidden]);
      withTables(heap, plan, ({ sizes, index }) => {
        const upstream = pack(heap, dy.output, plan, index);
        const { rnnBackward, rnnScratch } = kernels.on(heap);
        heap.scratch(rnnScratch(hidden), (scratch) =>
          rnnBackward(
            plan.steps,
            sizes,
            plan.rows,
            hidden,
            heap.address(weightHh),
            heap.address(hiddens),
            heap.address(upstream),
            heap.address(dSums),
            heap.address(dh),
            nonlinearity === 'relu' ? 1 : 0,
            scratch,
          ),
        );
        upstream.dispose();
      });
      return {
        ...gradientsOfSums(heap, saved, plan, dSums, firstH, hiddens),
        h0: () => restoreState(heap, dh, plan),
      };
    },
  },
);
