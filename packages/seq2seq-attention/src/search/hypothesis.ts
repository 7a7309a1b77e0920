/** One way to go on from a source, found by a search. */
export interface Hypothesis {
  /** Token numbers, without `<s>` and `</s>`. */
  tokens: number[];
  /** ln of its probability, `</s>` included. */
  logProb: number;
  /** What hypotheses are compared by: `logProb` with the penalties of the search. */
  score: number;
  /** What each token and the end looked at, `[tokens + 1][sourceTime]`; where it was asked for and there is attention. */
  weights?: Float32Array[];
}

/** A token in the tree of all hypotheses. */
export interface Node {
  token: number;
  before: Node | undefined;
  /** Tokens up to this one. */
  length: number;
  logProb: number;
  weights: Float32Array | undefined;
}

/** The tokens up to a node, `</s>` left out. */
export function tokensOf(node: Node | undefined, eos: number): number[] {
  const tokens: number[] = [];
  for (let at = node; at !== undefined; at = at.before) if (at.token !== eos) tokens.push(at.token);
  return tokens.reverse();
}

/** What each token up to a node looked at. */
export function weightsOf(node: Node | undefined): Float32Array[] {
  const weights: Float32Array[] = [];
  for (let at = node; at !== undefined; at = at.before) if (at.weights !== undefined) weights.push(at.weights);
  return weights.reverse();
}
