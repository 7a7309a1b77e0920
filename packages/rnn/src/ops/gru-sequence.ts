import { concat, defineOp, gradientDepth, type Heap, slice, type Tensor } from '@dl/core/ops';
import { gruCell } from '../cells/gru-cell';
import { kernels } from '../kernels';
import { chunkRows, chunksOf } from '../sequence/chunks';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { lastStates, orderState, pack, restoreState, unpack, withTables } from '../sequence/packed';
import type { Plan } from '../sequence/plan';
import { columnSums, inputGradient, project, recurrentGradient, weightGradient } from '../sequence/products';

type Outputs = {
  /** [batch, time, hidden] */
  output: Tensor;
  /** [batch, hidden] */
  h: Tensor;
};

/** What backward needs, packed. */
type Kept = { gates: Tensor; hiddens: Tensor };

/** A GRU layer in one direction over whole sequences: one kernel call forward, one backward. */
export const gruSequence = defineOp<SequenceInputs, Outputs, SequenceAttrs, Partial<Kept> & { firstH: Tensor }>({
  name: 'gruSequence',
  error: '2e-6 absolute a step',
  saves: ['x', 'weightIh', 'weightHh', 'biasIh', 'biasHh', 'h0'],
  forward: (inputs, attrs) => {
    const { output, state } = composedForward(gruCell, inputs, 1, attrs);
    return { output, h: state[0]! };
  },
  backward: ({ dy, ...saved }, attrs) => {
    const { state, ...gradients } = composedBackward(gruCell, saved, dy.output, [dy.h], attrs);
    return { ...gradients, h0: state[0]! };
  },
  kernel: (inputs, { plan, recompute }, heap, save) => {
    const firstH = orderState(heap, inputs.h0, plan, inputs.weightHh.shape[1]!);
    const light = gradientDepth() === 0 || recompute;
    const kept = light ? { hiddens: runLight(heap, inputs, plan, firstH) } : run(heap, inputs, plan, firstH);
    save(light ? { firstH } : { ...kept, firstH });
    return withTables(heap, plan, ({ index }) => ({
      output: unpack(heap, kept.hiddens, plan, index, inputs.x.shape[1]!),
      h: lastStates(heap, kept.hiddens, firstH, plan),
    }));
  },
  backwardKernel: (saved, { plan, recompute }, heap) => {
    const { x, weightIh, weightHh, firstH, dy } = saved;
    const { gates, hiddens } = recompute ? run(heap, saved, plan, firstH) : (saved as Kept);
    const hidden = weightHh.shape[1]!;
    const dh = orderState(heap, dy.h, plan, hidden);
    withTables(heap, plan, ({ sizes, index }) => {
      const upstream = pack(heap, dy.output, plan, index);
      const { gruBackward, gruScratch } = kernels.on(heap);
      heap.scratch(gruScratch(plan.batch, hidden), (scratch) =>
        gruBackward(
          plan.steps,
          sizes,
          plan.rows,
          hidden,
          heap.address(weightHh),
          heap.address(firstH),
          heap.address(gates),
          heap.address(hiddens),
          heap.address(upstream),
          heap.address(dh),
          scratch,
        ),
      );
      upstream.dispose();
    });
    // The gates have become the gradients of the sums: n of the input, then r, z, n of the recurrence.
    const inputN = { matrix: gates, from: 0, columns: hidden };
    const resetAndUpdate = { matrix: gates, from: hidden, columns: 2 * hidden };
    const recurrence = { matrix: gates, from: hidden, columns: 3 * hidden };
    return {
      x: () =>
        withTables(heap, plan, ({ index }) => {
          const packed = heap.tensor([plan.rows, weightIh.shape[1]!]);
          inputGradient(heap, resetAndUpdate, weightIh, 0, packed, false);
          inputGradient(heap, inputN, weightIh, 2 * hidden, packed, true);
          const dx = unpack(heap, packed, plan, index, x.shape[1]!);
          packed.dispose();
          return dx;
        }),
      weightIh: () =>
        withTables(heap, plan, ({ index }) => {
          const packed = pack(heap, x, plan, index);
          const dW = heap.tensor(weightIh.shape);
          weightGradient(heap, resetAndUpdate, packed, dW, 0);
          weightGradient(heap, inputN, packed, dW, 2 * hidden);
          packed.dispose();
          return dW;
        }),
      weightHh: () => recurrentGradient(heap, plan, recurrence, firstH, hiddens, weightHh),
      biasIh: () => {
        const sums = columnSums(heap, gates);
        return concat([slice(sums, hidden, 2 * hidden), slice(sums, 0, hidden)]);
      },
      biasHh: () => slice(columnSums(heap, gates), hidden, 3 * hidden),
      h0: () => restoreState(heap, dh, plan),
    };
  },
});

/** Forward, with everything kept. */
function run(heap: Heap, inputs: SequenceInputs, plan: Plan, firstH: Tensor): Kept {
  const hidden = inputs.weightHh.shape[1]!;
  const gates = heap.tensor([plan.rows, 4 * hidden]); // the input fills three of the four
  const hiddens = heap.tensor([plan.rows, hidden]);
  runRows(heap, inputs, plan, firstH, hiddens, [wholePlan(plan)], heap.address(gates));
  return { gates, hiddens };
}

/** Forward, with nothing kept but the hidden states: the gates of a few steps at a time. */
function runLight(heap: Heap, inputs: SequenceInputs, plan: Plan, firstH: Tensor): Tensor {
  const hidden = inputs.weightHh.shape[1]!;
  const hiddens = heap.tensor([plan.rows, hidden]);
  const chunks = chunksOf(plan);
  heap.scratch(4 * chunkRows(chunks) * 4 * hidden, (gates) =>
    runRows(heap, inputs, plan, firstH, hiddens, chunks, gates),
  );
  return hiddens;
}

function wholePlan(plan: Plan) {
  return { step: 0, steps: plan.steps, row: 0, rows: plan.rows, before: -1 };
}

function runRows(
  heap: Heap,
  { x, weightIh, weightHh, biasIh, biasHh }: SequenceInputs,
  plan: Plan,
  firstH: Tensor,
  hiddens: Tensor,
  chunks: ReturnType<typeof chunksOf>,
  gates: number,
): void {
  const hidden = weightHh.shape[1]!;
  withTables(heap, plan, ({ sizes, index }) => {
    const packed = pack(heap, x, plan, index);
    const { gruForward, gruScratch } = kernels.on(heap);
    heap.scratch(gruScratch(plan.batch, hidden), (scratch) => {
      for (const { step, steps, row, rows, before } of chunks) {
        project(heap, packed, row, rows, weightIh, biasIh, gates, 4 * hidden);
        gruForward(
          steps,
          sizes + 4 * step,
          hidden,
          heap.address(weightHh),
          biasHh ? heap.address(biasHh) : 0,
          before < 0 ? heap.address(firstH) : heap.address(hiddens) + 4 * before * hidden,
          gates,
          heap.address(hiddens) + 4 * row * hidden,
          scratch,
        );
      }
    });
    packed.dispose();
  });
}
