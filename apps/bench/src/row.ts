import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Whom we compare with, in our process. `tfjs`: stock tfjs on its WASM backend, in our heap; `cpu`: tfjs on its
 * JavaScript backend; `layers`: tfjs-layers on one of the two; `self`: another form of ours.
 */
export const NEIGHBOURS = ['tfjs', 'cpu', 'layers', 'self'] as const;
export type Neighbour = (typeof NEIGHBOURS)[number];
/** Whom we compare with, in a process of their own. */
export const STRANGERS = ['torch', 'jax', 'ort', 'sklearn', 'npm'] as const;
export type Stranger = (typeof STRANGERS)[number];
export const PEERS = [...NEIGHBOURS, ...STRANGERS] as const;
export type Peer = (typeof PEERS)[number];

type Result = Tensor | Tensor[] | undefined;

/** Work to be timed. */
export interface Program {
  /** The work, nothing else; what it returns is disposed of outside the timer. */
  step(): Result | Promise<Result>;
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
  ours: () => Program;
  /** The same with what stock tfjs has. Default: the program of `ours`, with tfjs's kernels; false where they cannot. */
  tfjs?: (() => Program) | false;
  /** The same on tfjs's JavaScript backend. */
  cpu?: () => Program;
  /** The same with tfjs-layers, on stock tfjs-wasm, or on tfjs-cpu where that cannot train it. */
  layers?: { backend: 'wasm' | 'cpu'; program: () => Program };
  /** Another form of ours: the goal is their time by ours too. */
  self?: () => Program;
  /** The same for those in a process of their own. */
  task?: Task;
  /** Too slow for the regression guard. */
  slow?: true;
}
