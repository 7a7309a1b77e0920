import { engine, type KernelBackend, scalar, type Tensor } from '@tensorflow/tfjs-core';

type Tensors = Record<string, Tensor>;

/** The part of tfjs's engine behind `customGrad`, called directly: the public wrapper costs several microseconds. */
interface Tape {
  runKernelFunc(call: {
    inputs: Tensors;
    forwardFunc: (backend: KernelBackend, save: (tensors: Tensor[]) => void) => Tensor | Tensor[];
    backwardsFunc: (dy: Tensor | Tensor[], saved: Tensor[]) => Record<string, () => Tensor>;
    attrs?: object;
  }): Tensor | Tensor[];
  isTapeOn(): boolean;
  gradients(
    f: () => Tensor,
    xs: Tensor[],
    dy: null,
    allowNoGradients: boolean,
  ): { value: Tensor; grads: (Tensor | undefined)[] };
  state: { gradientDepth: number; activeTape: TapeNode[] | null };
}

interface TapeNode {
  kernelName: string;
  inputs: Tensors;
  outputs: Tensor[];
  saved: Tensor[];
}

/** Runs a function as one node of the gradient tape. tfjs does not keep its name: that is for `inspect`. */
export function record(call: Parameters<Tape['runKernelFunc']>[0] & { name?: string }): Tensor | Tensor[] {
  const outputs = (engine() as unknown as Tape).runKernelFunc(call);
  if (namesOfOps !== undefined && call.name !== undefined) {
    for (const y of [outputs].flat()) namesOfOps.set(y.id, call.name);
  }
  return outputs;
}

/** Whether operations are being recorded for a gradient right now. */
export function isRecording(): boolean {
  return (engine() as unknown as Tape).isTapeOn();
}

/** How many gradients are being taken around the running code: 2 inside the gradient of a gradient. */
export function gradientDepth(): number {
  return (engine() as unknown as Tape).state.gradientDepth;
}

/**
 * The value of `f` and its gradient by each of `xs`, undefined where `f` does not depend on it. All of them are the
 * caller's to dispose of; what else was made is freed, also where `f` or a gradient throws.
 */
export function gradients(f: () => Tensor, xs: Tensor[]): { value: Tensor; grads: (Tensor | undefined)[] } {
  const tape = engine() as unknown as Tape;
  try {
    return tape.gradients(f, xs, null, true);
  } catch (error) {
    // tfjs keeps what the tape has saved when it does not come to its end.
    if (tape.state.gradientDepth === 0) {
      for (const node of tape.state.activeTape ?? []) for (const tensor of node.saved) tensor.dispose();
      tape.state.activeTape = null;
    }
    throw error;
  }
}

/** An operation that was recorded: what it is called, what went in and came out. */
export interface RecordedOp {
  kernelName: string;
  inputs: Readonly<Record<string, Tensor>>;
  outputs: readonly Tensor[];
}

let namesOfOps: Map<number, string> | undefined; // by output id, while somebody looks

/**
 * Runs `f` with the tape on and lets it see the operations recorded so far, in their order, while their outputs are
 * still there. Everything is freed afterwards.
 */
export function inspect(f: (recorded: () => RecordedOp[]) => void): void {
  const nothing = scalar(0);
  const names = new Map<number, string>();
  const before = namesOfOps;
  namesOfOps = names;
  try {
    gradients(() => {
      const { state } = engine() as unknown as Tape;
      f(() =>
        (state.activeTape ?? []).map((op) => ({ ...op, kernelName: names.get(op.outputs[0]!.id) ?? op.kernelName })),
      );
      return nothing.clone();
    }, [nothing]).value.dispose();
  } finally {
    namesOfOps = before;
    nothing.dispose();
  }
}
