import { defineOp, gradientDepth, type Heap, type Tensor } from '@dl/core/ops';
import { lstmCell } from '../cells/lstm-cell';
import { kernels } from '../kernels';
import { chunkRows, chunksOf } from '../sequence/chunks';
import { composedBackward, composedForward, type SequenceAttrs, type SequenceInputs } from '../sequence/composed';
import { lastStates, orderState, pack, restoreState, unpack, withTables } from '../sequence/packed';
import type { Plan } from '../sequence/plan';
import { biasSum, gradientsOfSums, project, weightGradient } from '../sequence/products';

type Outputs = {
  /** [batch, time, width], where width is hidden, or projSize */
  output: Tensor;
  /** [batch, width] */
  h: Tensor;
  /** [batch, hidden] */
  c: Tensor;
};

/** What backward needs, packed. */
type Kept = { gates: Tensor; cells: Tensor; hiddens: Tensor; shown?: Tensor };
type First = { firstH: Tensor; firstC: Tensor };

/** An LSTM layer in one direction over whole sequences: one kernel call forward, one backward. */
export const lstmSequence = defineOp<SequenceInputs, Outputs, SequenceAttrs, Partial<Kept> & First>({
  name: 'lstmSequence',
  error: '2e-6 absolute a step',
  saves: ['x', 'weightIh', 'weightHh', 'weightHr', 'biasIh', 'biasHh', 'h0', 'c0'],
  forward: (inputs, attrs) => {
    const { output, state } = composedForward(lstmCell, inputs, 2, attrs);
    return { output, h: state[0]!, c: state[1]! };
  },
  backward: ({ dy, ...saved }, attrs) => {
    const { state, ...gradients } = composedBackward(lstmCell, saved, dy.output, [dy.h, dy.c], attrs);
    return { ...gradients, h0: state[0]!, c0: state[1]! };
  },
  kernel: (inputs, { plan, recompute }, heap, save) => {
    const firstH = orderState(heap, inputs.h0, plan, widthOf(inputs));
    const firstC = orderState(heap, inputs.c0, plan, hiddenOf(inputs));
    const time = inputs.x.shape[1]!;
    if (gradientDepth() === 0 || recompute) {
      const { hiddens, c } = runLight(heap, inputs, plan, firstH, firstC);
      save({ firstH, firstC });
      return withTables(heap, plan, ({ index }) => ({
        output: unpack(heap, hiddens, plan, index, time),
        h: lastStates(heap, hiddens, firstH, plan),
        c: restoreState(heap, c, plan),
      }));
    }
    const kept = run(heap, inputs, plan, firstH, firstC);
    save({ ...kept, firstH, firstC });
    return withTables(heap, plan, ({ index }) => ({
      output: unpack(heap, kept.hiddens, plan, index, time),
      h: lastStates(heap, kept.hiddens, firstH, plan),
      c: lastStates(heap, kept.cells, firstC, plan),
    }));
  },
  backwardKernel: (saved, { plan, recompute }, heap) => {
    const { weightHh, weightHr, firstH, firstC, dy } = saved;
    const kept = recompute ? run(heap, saved, plan, firstH, firstC) : (saved as Kept);
    const { gates, cells, hiddens, shown } = kept;
    const [hidden, width] = [hiddenOf(saved), widthOf(saved)];
    const dh = orderState(heap, dy.h, plan, width);
    const dc = orderState(heap, dy.c, plan, hidden);
    const upstream = withTables(heap, plan, ({ sizes, index }) => {
      const upstream = pack(heap, dy.output, plan, index);
      const { lstmBackward, lstmScratch } = kernels.on(heap);
      heap.scratch(lstmScratch(plan.batch, hidden, width, weightHr ? 1 : 0), (scratch) =>
        lstmBackward(
          plan.steps,
          sizes,
          plan.rows,
          plan.batch,
          hidden,
          width,
          heap.address(weightHh),
          weightHr ? heap.address(weightHr) : 0,
          heap.address(firstC),
          heap.address(gates),
          heap.address(cells),
          heap.address(upstream),
          heap.address(dh),
          heap.address(dc),
          scratch,
        ),
      );
      return upstream;
    });
    if (!weightHr) upstream.dispose();
    // The gates have become the gradients of their sums, and upstream those of the hidden states that were projected.
    return {
      ...gradientsOfSums(heap, saved, plan, gates, firstH, hiddens),
      ...(weightHr && {
        weightHr: () => {
          const dW = heap.tensor(weightHr.shape);
          weightGradient(heap, { matrix: upstream, from: 0, columns: width }, shown!, dW, 0);
          return dW;
        },
      }),
      h0: () => restoreState(heap, dh, plan),
      c0: () => restoreState(heap, dc, plan),
    };
  },
});

function widthOf({ weightHh }: SequenceInputs): number {
  return weightHh.shape[1]!;
}

function hiddenOf({ weightHh, weightHr }: SequenceInputs): number {
  return (weightHr ?? weightHh).shape[1]!;
}

/** Forward, with everything kept. */
function run(heap: Heap, inputs: SequenceInputs, plan: Plan, firstH: Tensor, firstC: Tensor): Kept {
  const { weightHh, weightHr } = inputs;
  const [hidden, width] = [hiddenOf(inputs), widthOf(inputs)];
  return withTables(heap, plan, ({ sizes, index }) => {
    const gates = heap.tensor([plan.rows, 4 * hidden]);
    const bias = biasSum(heap, inputs);
    const x = pack(heap, inputs.x, plan, index);
    project(heap, x, 0, plan.rows, inputs.weightIh, bias, heap.address(gates), 4 * hidden);
    x.dispose();
    const cells = heap.tensor([plan.rows, hidden]);
    const hiddens = heap.tensor([plan.rows, width]);
    const shown = weightHr && heap.tensor([plan.rows, hidden]);
    const { lstmForward, lstmScratch } = kernels.on(heap);
    heap.scratch(lstmScratch(plan.batch, hidden, width, weightHr ? 1 : 0), (scratch) =>
      lstmForward(
        plan.steps,
        sizes,
        hidden,
        width,
        heap.address(weightHh),
        weightHr ? heap.address(weightHr) : 0,
        heap.address(firstH),
        heap.address(firstC),
        heap.address(gates),
        heap.address(cells),
        shown ? heap.address(shown) : 0,
        heap.address(hiddens),
        0,
        scratch,
      ),
    );
    return { gates, cells, hiddens, ...(shown && { shown }) };
  });
}

/** Forward, with nothing kept but the hidden states: the gates of a few steps at a time, and one cell state. */
function runLight(heap: Heap, inputs: SequenceInputs, plan: Plan, firstH: Tensor, firstC: Tensor) {
  const { weightHh, weightHr } = inputs;
  const [hidden, width] = [hiddenOf(inputs), widthOf(inputs)];
  const chunks = chunksOf(plan);
  const most = chunkRows(chunks);
  return withTables(heap, plan, ({ sizes, index }) => {
    const bias = biasSum(heap, inputs);
    const x = pack(heap, inputs.x, plan, index);
    const hiddens = heap.tensor([plan.rows, width]);
    const c = heap.tensor(firstC.shape);
    heap.floats(heap.address(c), c.size).set(heap.floats(heap.address(firstC), c.size));
    const { lstmForward, lstmScratch } = kernels.on(heap);
    heap.scratch(4 * most * 5 * hidden, (gates) =>
      heap.scratch(lstmScratch(plan.batch, hidden, width, weightHr ? 1 : 0), (scratch) => {
        const shown = gates + 4 * most * 4 * hidden;
        for (const { step, steps, row, rows, before } of chunks) {
          project(heap, x, row, rows, inputs.weightIh, bias, gates, 4 * hidden);
          lstmForward(
            steps,
            sizes + 4 * step,
            hidden,
            width,
            heap.address(weightHh),
            weightHr ? heap.address(weightHr) : 0,
            before < 0 ? heap.address(firstH) : heap.address(hiddens) + 4 * before * width,
            heap.address(c),
            gates,
            heap.address(c),
            shown,
            heap.address(hiddens) + 4 * row * width,
            1,
            scratch,
          );
        }
      }),
    );
    x.dispose();
    return { hiddens, c };
  });
}
