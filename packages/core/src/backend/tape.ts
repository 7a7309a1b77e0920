import { engine, type KernelBackend, type Tensor } from '@tensorflow/tfjs-core';

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
  state: { gradientDepth: number };
}

/** Runs a function as one node of the gradient tape. */
export function record(call: Parameters<Tape['runKernelFunc']>[0]): Tensor | Tensor[] {
  return (engine() as unknown as Tape).runKernelFunc(call);
}

/** Whether operations are being recorded for a gradient right now. */
export function isRecording(): boolean {
  return (engine() as unknown as Tape).isTapeOn();
}

/** How many gradients are being taken around the running code: 2 inside the gradient of a gradient. */
export function gradientDepth(): number {
  return (engine() as unknown as Tape).state.gradientDepth;
}
