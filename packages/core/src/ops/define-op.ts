import { engine, type KernelBackend, type Tensor } from '@tensorflow/tfjs-core';
import { Heap } from '../backend/heap';
import { gradientDepth, record } from '../backend/tape';

type Tensors = Record<string, Tensor | undefined>;
/** The result of an op: one tensor, or several by name. */
type Result = Tensor | Record<string, Tensor>;

/** What `backward` works with: the inputs, the outputs (a single one is called `y`), the residuals, and the upstream gradient. */
export type Saved<I, O extends Result, R> = I & (O extends Tensor ? { y: Tensor } : O) & R & { dy: O };

/** The gradient of each input, at once or when it is asked for (an input nobody differentiates costs nothing then). */
export type Gradients<I> = { [K in keyof I]?: Tensor | (() => Tensor) };

/** How an op is written: forward and backward side by side, as in the textbook. */
export interface OpDefinition<I extends Tensors, A, O extends Result, R extends Record<string, Tensor>> {
  /** Unique name, for errors and the generated kernel table: `layerNorm`. */
  name: string;
  /**
   * The composed form, out of tfjs operations: runs on every backend and is the oracle of the kernel.
   * What backward needs beyond inputs and outputs is handed to `save`.
   */
  forward: (inputs: I, attrs: A, save: (residuals: R) => void) => O;
  /** dL/d(input) for each input, given dL/d(output) as `dy`. Integer inputs are left out. */
  backward: (saved: Saved<I, O, R>, attrs: A) => Gradients<I>;
  /** The same forward as one SIMD kernel in the WASM heap. */
  kernel?: (inputs: I, attrs: A, heap: Heap, save: (residuals: R) => void) => O;
  /** The same gradients by SIMD kernels; it is given what `backward` is given. */
  backwardKernel?: (saved: Saved<I, O, R>, attrs: A, heap: Heap) => Gradients<I>;
  /** Whether the kernels handle this call, else the composed forms run. Default: every input is float32. */
  supports?: (inputs: I, attrs: A) => boolean;
  /** Names of the inputs and outputs that `backward` reads; default all. Fewer are a little faster. */
  saves?: readonly string[];
  /** For the generated kernel table: the error bound of the kernel against float64, `1e-6 relative`. */
  error?: string;
}

/** A differentiable operation: call it with its inputs by name. */
export interface Op<I extends Tensors, A, O extends Result> {
  (inputs: I, ...attrs: A extends undefined ? [] : [A]): O;
  readonly opName: string;
}

/** An entry of the generated kernel table. */
export interface OpEntry {
  name: string;
  kernel: boolean;
  backwardKernel: boolean;
  error: string | undefined;
}

const defined = new Map<string, OpEntry>();
let composedOnly = false;

/** Every op defined so far, by name. */
export function definedOps(): readonly OpEntry[] {
  return [...defined.values()];
}

/** Runs `f` with the composed forms only, to compare them with the kernels. */
export function withComposedOps<T>(f: () => T): T {
  const before = composedOnly;
  composedOnly = true;
  try {
    return f();
  } finally {
    composedOnly = before;
  }
}

/** Whether kernels of ours may run now: the backend is `wasm` and the composed forms are not asked for. */
export function usesKernels(): boolean {
  return !composedOnly && engine().backendName === 'wasm';
}

/**
 * The heap, where kernels of ours may run and no gradient is recorded: for work that is shorter than the dispatch of an
 * op, one step of a recurrent network. What is made there is the caller's, as the result of an op would be.
 */
export function heapForInference(): Heap | undefined {
  return gradientDepth() === 0 && usesKernels() ? Heap.of(engine().backend) : undefined;
}

/**
 * Defines a differentiable operation from its forward and its backward rule, optionally with a kernel.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { defineOp, mul, sigmoid as tfSigmoid, sub, tensor } from '@dl/core/ops';
 *
 * const sigmoid = defineOp({
 *   name: 'mySigmoid',
 *   forward: ({ x }: { x: Tensor }) => tfSigmoid(x), // y = 1 / (1 + e^-x)
 *   backward: ({ y, dy }) => ({ x: mul(dy, mul(y, sub(1, y))) }), // dy/dx = y (1 - y)
 * });
 *
 * await init();
 * sigmoid({ x: tensor([0]) }).dataSync(); // [0.5]
 * ```
 */
export function defineOp<
  I extends Tensors,
  O extends Result,
  A = undefined,
  R extends Record<string, Tensor> = Record<never, Tensor>,
>(definition: OpDefinition<I, A, O, R>): Op<I, A, O> {
  const { name, forward, backward, kernel, backwardKernel, saves } = definition;
  const supports = definition.supports ?? allFloat;
  defined.set(name, {
    name,
    kernel: kernel !== undefined,
    backwardKernel: backwardKernel !== undefined,
    error: definition.error,
  });

  const op = (inputs: I, attrs?: A): O => {
    const config = attrs as A;
    const given = present(inputs);
    // Saved outputs and residuals stand on no tape. Where the gradient is itself differentiated, they are computed anew.
    const nested = gradientDepth() > 1;
    let outputNames: string[] | undefined; // undefined: a single output
    let savedNames: string[] = [];
    // Decided once: what the kernel saves is what the backward kernel reads.
    const fast = (kernel !== undefined || backwardKernel !== undefined) && usesKernels() && supports(inputs, config);

    const outputs = record({
      name,
      inputs: given,
      forwardFunc: (backend: KernelBackend, keep) => {
        let residuals = {} as R;
        const save = (tensors: R) => {
          residuals = tensors;
        };
        const result = fast && kernel ? kernel(inputs, config, Heap.of(backend), save) : forward(inputs, config, save);
        const named: Record<string, Tensor> = isTensor(result) ? { y: result } : result;
        for (const [key, tensor] of Object.entries(named)) {
          // The tape needs a node of its own for an output that is its input.
          if (Object.values(given).includes(tensor)) named[key] = tensor.clone();
        }
        const all: Record<string, Tensor> = { ...given, ...named, ...residuals };
        savedNames = Object.keys(all).filter(
          (key) => saves === undefined || saves.includes(key) || key in residuals || (nested && key in given),
        );
        keep(savedNames.map((key) => all[key]!));
        if (!isTensor(result)) outputNames = Object.keys(named);
        return isTensor(result) ? named.y! : Object.values(named);
      },
      backwardsFunc: (dy, saved) => {
        const tensors = Object.fromEntries(savedNames.map((key, i) => [key, saved[i]!]));
        if (nested) {
          const result = forward(tensors as unknown as I, config, (residuals) => Object.assign(tensors, residuals));
          Object.assign(tensors, isTensor(result) ? { y: result } : result);
        }
        const upstream = outputNames ? byName(outputNames, dy) : dy;
        const known = { ...tensors, dy: upstream } as Saved<I, O, R>;
        const gradients =
          fast && backwardKernel && !nested
            ? backwardKernel(known, config, Heap.of(engine().backend))
            : backward(known, config);
        const borrowed = new Set<Tensor>([...saved, ...(Array.isArray(dy) ? dy : [dy])]);
        return Object.fromEntries(
          Object.keys(given).map((key) => [
            key,
            () => {
              const gradient = gradients[key];
              if (gradient === undefined) throw new Error(`${name}: no gradient for the input '${key}' is defined`);
              const tensor = typeof gradient === 'function' ? gradient() : gradient;
              // The tape disposes gradients after adding them up: hand out none that belongs to somebody else.
              return borrowed.has(tensor) ? tensor.clone() : tensor;
            },
          ]),
        );
      },
    });
    return (outputNames ? byName(outputNames, outputs) : outputs) as O;
  };
  return Object.assign(op, { opName: name });
}

function present(inputs: Tensors): Record<string, Tensor> {
  const given: Record<string, Tensor> = {};
  for (const key in inputs) {
    const tensor = inputs[key];
    if (tensor !== undefined) given[key] = tensor;
  }
  return given;
}

function byName(names: string[], tensors: Tensor | Tensor[]): Record<string, Tensor> {
  const list = Array.isArray(tensors) ? tensors : [tensors];
  return Object.fromEntries(names.map((key, i) => [key, list[i]!]));
}

function isTensor(value: Result): value is Tensor {
  return 'dataId' in value;
}

function allFloat(inputs: Tensors): boolean {
  for (const key in inputs) {
    const tensor = inputs[key];
    if (tensor !== undefined && tensor.dtype !== 'float32') return false;
  }
  return true;
}
