/** One outcome of a chapter, held against what it must reach. */
export interface Outcome {
  /** What came out, with its unit. */
  result: string;
  /** What it must reach: `at least 97 %`. */
  reference: string;
  /** Whether it does. */
  reached: boolean;
}

/** What a chapter works with. */
export interface Stage {
  /** Writes text and a line break to the output. */
  print: (text?: string) => void;
  /** Whether there is time for the long version. */
  full: boolean;
  /** Aborted by Ctrl-C: pass it on to whatever takes long. */
  signal: AbortSignal;
}

/** One part of a chapter. It frees the tensors it makes. */
export interface Section {
  /** What the closing table calls it: `dense network on MNIST`. */
  name: string;
  title: string;
  /** Whether it takes so long that it runs with `--full` alone. @default false */
  onlyFull?: boolean;
  run(stage: Stage): Promise<Outcome> | Outcome;
}

/** A chapter of the tour. New ones are a file in `chapters/` and a line in `chapters/index.ts`. */
export interface Chapter {
  /** What `--only` calls it. */
  name: string;
  title: string;
  sections: readonly Section[];
}
