import type { Tensor } from '@tensorflow/tfjs-core';

/** Whom we compare with. `tfjs`: stock tfjs on its WASM backend, in our process and heap; the others in their own. */
export const PEERS = ['tfjs', 'torch', 'jax', 'ort'] as const;
export type Peer = (typeof PEERS)[number];

/** Work to be timed. */
export interface Program {
  /** The work, nothing else; what it returns is disposed of outside the timer. */
  step(): Tensor | Tensor[] | undefined;
  /** Frees the inputs. */
  dispose(): void;
}

/** What a peer in its own process is asked for: an operation that its script knows, and the sizes. */
export interface Task {
  op: string;
  [size: string]: number | string | boolean;
}

/** One line of the table. */
export interface Row {
  /** `matMul NN 512`; `--only` matches a part of it. */
  name: string;
  /** The ratio peer/ours to reach. */
  goals?: Partial<Record<Peer, number>>;
  /** Makes the inputs and gives our work; the backend is `wasm`. */
  ours(): Program;
  /** The same with what stock tfjs has. Default: the program of `ours`, with tfjs's kernels. */
  tfjs?(): Program;
  /** The same for PyTorch, jax-js and onnxruntime-web. */
  task?: Task;
  /** Too slow for the regression guard. */
  slow?: true;
}
