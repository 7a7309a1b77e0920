import { type Context, checkGradients, key as keyOf, memory, type Shape, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { slice, Tensor, tidy, withComposedOps, zeros } from '@dl/core/ops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench, type BenchConfig } from './bench';
import { expectGoldenLayer, type Golden } from './golden-layer';
import { expectClose, type Values } from './matchers';
import { expectNoLeaks } from './no-leaks';
import { onBackends, type TestBackend } from './on-backends';
import { disposeOutputs, mainOutput, tensorsOf } from './outputs';
import { withOtherPadding } from './padding';

/** What a layer must say of itself for its contract. */
export interface LayerContract<Out = Tensor> extends BenchConfig<Out> {
  /** The output that `outputShape` speaks of. @default the output, or its field `output` */
  output?: (out: Out) => Tensor;
  /** Whether an example's output depends on that example alone in evaluation. @default true */
  rowsIndependent?: boolean;
  /** Shapes of batches that the layer must refuse. @default the input's with one more on the last axis */
  wrong?: readonly Shape[];
  /** Largest relative difference between a gradient and its finite difference. @default 5e-3 */
  tolerance?: number;
  /** Whether memory is watched over 1,000 steps of training on `wasm`. @default false */
  steady?: boolean;
  golden?: readonly Golden[];
}

const CLOSE = 1e-5;

/**
 * Registers the tests that every layer passes, on the backends `wasm` and `cpu`:
 *
 * - the declared output shape is the real one;
 * - gradients of every parameter and of the input agree with finite differences, in evaluation and in training;
 * - kernels and composed forms give the same output and gradients;
 * - the rows of a batch do not influence each other, nor does padding influence what is kept;
 * - weights survive a safetensors file and `loadStateDict`;
 * - the same key gives the same output, on both backends;
 * - no tensor is left behind;
 * - a wrong input is refused with a `ShapeError` that names the layer;
 * - golden values, where given.
 *
 * @example
 * ```ts
 * layerContract('Linear', { make: (key) => new Linear({ in: 4, out: 3, key }), input: [5, 4] });
 * ```
 */
export function layerContract<Out = Tensor>(name: string, contract: LayerContract<Out>): void {
  describe(name, () => {
    const main = contract.output ?? mainOutput;
    const outputs = new Map<TestBackend, Record<string, Values>>();

    onBackends(['wasm', 'cpu'], (backend) => {
      let bench: Bench<Out>;
      beforeAll(() => {
        bench = new Bench(contract);
      });
      afterAll(() => bench.dispose());

      test('the declared output shape is the real one', () => {
        const { layer, x } = bench;
        const declared = layer.outputShape(x.shape.slice(1));
        tidy(() => {
          expect(main(layer.forward(x, bench.evaluation)).shape).toEqual([x.shape[0], ...declared]);
        });
      });

      for (const mode of ['evaluation', 'training'] as const) {
        test(`gradients agree with finite differences in ${mode}`, () => {
          if (Object.keys(bench.variables).length === 0) return; // neither parameters nor an input of fractions
          const report = checkGradients((variables) => bench.outputs(mode, variables), bench.variables, {
            ...(contract.tolerance !== undefined && { tolerance: contract.tolerance }),
          });
          expect(report.ok, report.toString()).toBe(true);
        });
      }

      test('weights survive a safetensors file', () => {
        const { tensors } = decodeSafetensors(encodeSafetensors(bench.layer.stateDict()));
        using other = new Bench({ ...contract, make: () => contract.make(keyOf(99)) });
        const state = new Map([...tensors].map(([name, stored]) => [name, stored.tensor()]));
        other.layer.loadStateDict(state);
        for (const tensor of state.values()) tensor.dispose();
        expectSame(other.run('evaluation'), bench.run('evaluation'), 0);
      });

      if (backend === 'wasm') {
        for (const mode of ['evaluation', 'training'] as const) {
          test(`kernels and composed forms agree in ${mode}`, () => {
            const kernels = bench.run(mode);
            const composed = withComposedOps(() => bench.run(mode));
            expectSame(kernels, composed);
          });
        }
      }

      if (contract.rowsIndependent !== false) {
        test('rows of a batch do not influence each other', () => {
          const { layer, x, evaluation } = bench;
          const rows = x.shape[0];
          tidy(() => {
            const whole = tensorsOf(layer.forward(x, evaluation));
            for (let i = 0; i < rows; i++) {
              let compared = 0;
              const alone = tensorsOf(layer.forward(rowOf(x, i), rowContext(evaluation, i)));
              for (const [output, tensor] of Object.entries(whole)) {
                if (tensor.shape[0] !== rows || alone[output]!.shape[0] !== 1) continue;
                expectNear(alone[output]!, rowOf(tensor, i), `${output} of row ${i}`);
                compared++;
              }
              expect(compared, 'outputs with a batch axis').toBeGreaterThan(0);
            }
          });
        });
      }

      if (contract.context?.lengths !== undefined || contract.context?.mask !== undefined) {
        test('padding does not influence what is kept', () => {
          const { layer, x, evaluation } = bench;
          tidy(() => {
            const { other, kept } = withOtherPadding(x, evaluation);
            const before = tensorsOf(layer.forward(x, evaluation));
            const after = tensorsOf(layer.forward(other, evaluation));
            for (const [output, tensor] of Object.entries(before)) {
              expectNear(kept(after[output]!), kept(tensor), output);
            }
          });
        });
      }

      test('the same key gives the same output', () => {
        const first = bench.run('training');
        using twin = new Bench(contract);
        expectSame(twin.run('training'), first, 0);
        outputs.set(backend, first);
      });

      test('no tensor is left behind', () => {
        expectNoLeaks(() => {
          const once = new Bench(contract);
          disposeOutputs(once.layer.predict(once.x));
          once.run('evaluation');
          once.run('training');
          once.dispose();
        });
      });

      for (const shape of contract.wrong ?? wrongOf(contract)) {
        test(`an input of shape [${shape}] is refused by name`, () => {
          const { layer, evaluation, x } = bench;
          const error = expectNoLeaks(() => {
            const wrong = zeros([...shape], x.dtype);
            try {
              return caught(() => tidy(() => void layer.forward(wrong, evaluation)));
            } finally {
              wrong.dispose();
            }
          });
          expect(error).toBeInstanceOf(ShapeError);
          expect((error as ShapeError).where).toBe(layer.where);
        });
      }

      if (contract.steady && backend === 'wasm') {
        test('memory is flat over 1,000 steps', { timeout: 60_000 }, () => {
          bench.run('training');
          const { numTensors, numBytes } = memory(); // counted alone: tracking every tensor would take minutes
          for (let step = 0; step < 1000; step++) bench.run('training');
          expect(memory()).toMatchObject({ numTensors, numBytes });
        });
      }

      for (const golden of contract.golden ?? []) {
        test(`golden: ${golden.name}`, () => expectGoldenLayer(golden, main));
      }
    });

    test('both backends give the same output and gradients', () => {
      expectSame(outputs.get('wasm')!, outputs.get('cpu')!);
    });
  });
}

function expectSame(actual: Record<string, Values>, expected: Record<string, Values>, tolerance?: number): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) expectNear(actual[name]!, value, name, tolerance);
}

/** Equal within 1e-5 of the largest value. */
function expectNear(actual: Values, expected: Values, what: string, tolerance?: number): void {
  expectClose(actual, expected, tolerance ?? CLOSE * largest(expected), what);
}

function largest(values: Values): number {
  const data = values.dataSync?.() ?? (values.data as ArrayLike<number>);
  return Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
}

function rowOf(tensor: Tensor, i: number): Tensor {
  return slice(tensor, [i, ...Array<number>(tensor.rank - 1).fill(0)], [1, ...tensor.shape.slice(1)]);
}

function rowContext(ctx: Context, i: number): Context {
  const { lengths, mask } = ctx;
  return {
    ...ctx,
    ...(lengths && { lengths: lengths instanceof Tensor ? rowOf(lengths, i) : [lengths[i]!] }),
    ...(mask && { mask: rowOf(mask, i) }),
  };
}

function wrongOf({ input }: Pick<LayerContract, 'input'>): Shape[] {
  if (typeof input === 'function') return [];
  return [[...input.slice(0, -1), input.at(-1)! + 1]];
}

function caught(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  return undefined;
}
