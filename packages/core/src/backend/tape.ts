import { add, engine, fill, type KernelBackend, ones, scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';

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
  startTape(): void;
  endTape(): void;
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
  gradient?(dys: (Tensor | undefined)[]): Record<string, () => Tensor>;
}

/** Runs a function as one node of the gradient tape. tfjs does not keep its name: that is for `inspect`. */
export function record(call: Parameters<Tape['runKernelFunc']>[0] & { name?: string }): Tensor | Tensor[] {
  const tape = engine() as unknown as Tape;
  const outputs = tape.runKernelFunc(call);
  if (Array.isArray(outputs)) fillMissing(tape.state.activeTape?.at(-1), outputs);
  if (namesOfOps !== undefined && call.name !== undefined) {
    for (const y of [outputs].flat()) namesOfOps.set(y.id, call.name);
  }
  return outputs;
}

/**
 * Outputs that nothing depends on have the gradient 0. tfjs writes these zeros in JavaScript and copies them to the
 * backend, which takes longer than a small network; here the backend makes them.
 */
function fillMissing(node: TapeNode | undefined, outputs: readonly Tensor[]): void {
  if (node?.gradient === undefined || node.outputs[0] !== outputs[0]) return; // not recorded
  const gradient = node.gradient.bind(node);
  node.gradient = (dys) => gradient(dys.map((dy, i) => dy ?? fill(outputs[i]!.shape, 0)));
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
 *
 * Gives what the engine's own `gradients` gives, and frees what an operation had saved, and the gradient of its output,
 * as soon as its turn is over: the memory in use falls while the backward pass goes on.
 */
export function gradients(f: () => Tensor, xs: readonly Tensor[]): { value: Tensor; grads: (Tensor | undefined)[] } {
  const tape = engine() as unknown as Tape;
  // Inside another gradient this one is itself being recorded: nothing may be freed early.
  if (tape.state.gradientDepth > 0) return tape.gradients(f, [...xs], null, true);
  let value: Tensor | undefined;
  // A rule may take gradients itself while this backward pass goes on: the tape is ours, the engine's place for it is not.
  const around = tape.state.activeTape;
  let nodes: readonly TapeNode[] = [];
  try {
    tape.startTape();
    try {
      value = tidy(f);
    } finally {
      nodes = tape.state.activeTape ?? [];
      tape.endTape();
    }
    const loss = value;
    const grads = tidy(() => backpropagate(nodes, loss, xs));
    return { value, grads };
  } catch (error) {
    if (value !== undefined && !xs.includes(value)) value.dispose();
    throw error;
  } finally {
    for (const node of nodes) for (const tensor of node.saved) tensor.dispose();
    tape.state.activeTape = around;
  }
}

function backpropagate(nodes: readonly TapeNode[], value: Tensor, xs: readonly Tensor[]): Tensor[] {
  const wanted = new Set<number>(); // ids of the tensors that depend on xs
  for (const x of xs) wanted.add(x.id);
  const isWanted = nodes.map(({ inputs, outputs }) => {
    for (const name in inputs) {
      if (wanted.has(inputs[name]!.id)) {
        for (const output of outputs) wanted.add(output.id);
        return true;
      }
    }
    return false;
  });

  const known = new Map<number, Tensor>(); // gradients by id of the tensor
  const kept = new Set<number>(xs.map((x) => x.id));
  known.set(value.id, ones(value.shape));
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!isWanted[i]) continue;
    const dys = node.outputs.map((output) => known.get(output.id));
    if (dys.every((dy) => dy === undefined)) continue;
    const names = Object.keys(node.inputs).filter((name) => wanted.has(node.inputs[name]!.id));
    const dxs = tidy(() => gradientsOf(node, dys, names));
    for (const [at, name] of names.entries()) {
      const { id } = node.inputs[name]!;
      const before = known.get(id);
      known.set(id, before === undefined ? dxs[at]! : add(before, dxs[at]!));
      if (before !== undefined) {
        before.dispose();
        dxs[at]!.dispose();
      }
    }
    for (const output of node.outputs) {
      if (kept.has(output.id)) continue;
      known.get(output.id)?.dispose();
      known.delete(output.id);
    }
    for (const tensor of node.saved) tensor.dispose();
  }
  return xs.map((x) => known.get(x.id)!);
}

function gradientsOf(node: TapeNode, dys: (Tensor | undefined)[], names: readonly string[]): Tensor[] {
  if (node.gradient === undefined) {
    throw new BackendError(
      `${node.kernelName} has no gradient: take an operation that has one, or defineOp with backward`,
    );
  }
  const rules = node.gradient(dys);
  const taken = new Set<Tensor | undefined>(dys);
  return names.map((name) => {
    const input = node.inputs[name]!;
    const rule = rules[name];
    if (rule === undefined) {
      throw new BackendError(`${node.kernelName} has no gradient for its input '${name}'`);
    }
    const dx = rule();
    if (
      dx.dtype !== 'float32' ||
      dx.shape.length !== input.shape.length ||
      dx.shape.some((n, i) => n !== input.shape[i])
    ) {
      throw new BackendError(
        `the gradient of ${node.kernelName} for its input '${name}' is ${dx.dtype} [${dx.shape}], the input is [${input.shape}]`,
      );
    }
    // A rule may hand out what is not its own (the upstream gradient, a tensor that was saved), or one tensor twice.
    const own = dx.kept || taken.has(dx) ? dx.clone() : dx;
    taken.add(own);
    return own;
  });
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
    const { value, grads } = gradients(() => {
      const { state } = engine() as unknown as Tape;
      f(() =>
        (state.activeTape ?? []).map((op) => ({ ...op, kernelName: names.get(op.outputs[0]!.id) ?? op.kernelName })),
      );
      return nothing.clone();
    }, [nothing]);
    for (const tensor of [value, ...grads]) tensor?.dispose();
  } finally {
    namesOfOps = before;
    nothing.dispose();
  }
}
