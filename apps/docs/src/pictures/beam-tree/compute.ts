import { dispose, logSoftmax, type Tensor, tensor, tidy } from '@dl/core/ops';
import { beamSearch, type Hypothesis, type Seq2SeqModel } from '@dl/seq2seq-attention';

/** Numbers that every vocabulary of the package begins with. */
const [BOS, EOS] = [2, 3];

/** A token that the search looked at. */
export interface TreeNode {
  readonly token: number;
  /** Place in the list of the token before; undefined at the first. */
  readonly before: number | undefined;
  /** Tokens before it. */
  readonly depth: number;
  /** 0 for the likeliest of its depth. */
  readonly rank: number;
  /** ln of the probability of all tokens up to it. */
  readonly logProb: number;
  /** Whether the search went on from it, ended in it, or let it go. */
  readonly fate: 'followed' | 'ended' | 'dropped';
}

/** What a search looked at, and what it found. */
export interface Tree {
  readonly nodes: readonly TreeNode[];
  readonly best: Hypothesis;
  /** Places of the nodes that make the best hypothesis, its end included. */
  readonly path: ReadonlySet<number>;
}

/** One step of the model, as the search asked for it. */
interface Asked {
  readonly tokens: readonly number[];
  /** Which row of the step before each row goes on from. */
  readonly rows: readonly number[];
  /** `[rows][vocabulary]` */
  readonly scores: readonly Float32Array[];
}

/** Runs beam search on one source and notes what it asks the model: its candidates are the likeliest `2 * beam` of each step. */
export function beamTree<S extends object>(
  model: Seq2SeqModel<S>,
  source: ArrayLike<number>,
  options: { readonly beam: number; readonly maxLength: number },
): Tree {
  const asked: Asked[] = [];
  let rows: readonly number[] | undefined;
  const step = model.step.bind(model);
  const select = model.select.bind(model);
  const noting = {
    step(tokens: Tensor, state: S) {
      const done = step(tokens, state);
      const size = done.logits.shape[1]!;
      const all = tidy(() => logSoftmax(done.logits).dataSync() as Float32Array).slice();
      const given = Array.from(tokens.dataSync());
      asked.push({
        tokens: given,
        rows: rows ?? given.map((_, row) => row),
        scores: given.map((_, row) => all.subarray(row * size, (row + 1) * size)),
      });
      rows = undefined;
      return done;
    },
    select(state: S, moved: Tensor, sameSources: boolean) {
      rows = Array.from(moved.dataSync());
      return select(state, moved, sameSources);
    },
  };
  const x = tensor(Int32Array.from(source), [1, source.length], 'int32');
  let best: Hypothesis;
  try {
    for (const [name, value] of Object.entries(noting)) {
      Object.defineProperty(model, name, { value, configurable: true, enumerable: false });
    }
    best = beamSearch(model, { source: x }, { ...options, bos: BOS, eos: EOS })[0]![0]!;
  } finally {
    for (const name of Object.keys(noting)) delete (model as unknown as Record<string, unknown>)[name];
    dispose(x);
  }
  const nodes = grow(asked, options);
  return { nodes, best, path: pathOf(nodes, best) };
}

/** The tree of what was asked: after each step its likeliest candidates, and which of them the next step went on from. */
function grow(asked: readonly Asked[], { beam, maxLength }: { beam: number; maxLength: number }): TreeNode[] {
  const nodes: TreeNode[] = [];
  let live: (number | undefined)[] = [undefined];
  for (const [depth, { scores }] of asked.entries()) {
    const next = asked[depth + 1];
    const wanted = new Set(next?.tokens.map((token, row) => `${next.rows[row]} ${token}`));
    const candidates = scores
      .flatMap((row, r) =>
        Array.from(row, (score, token) => ({ row: r, token, logProb: score + (nodeOf(nodes, live[r])?.logProb ?? 0) })),
      )
      .filter(({ token }) => depth < maxLength || token === EOS) // nothing but the end fits there
      .sort((a, b) => b.logProb - a.logProb)
      .slice(0, 2 * beam);
    const places = new Map<string, number>();
    for (const [rank, { row, token, logProb }] of candidates.entries()) {
      const name = `${row} ${token}`;
      const fate = token === EOS && rank < beam ? 'ended' : wanted.has(name) ? 'followed' : 'dropped';
      places.set(name, nodes.length);
      nodes.push({ token, before: live[row], depth, rank, logProb, fate });
    }
    live = next ? next.tokens.map((token, row) => places.get(`${next.rows[row]} ${token}`)) : [];
  }
  return nodes;
}

const nodeOf = (nodes: readonly TreeNode[], at: number | undefined) => (at === undefined ? undefined : nodes[at]);

function pathOf(nodes: readonly TreeNode[], best: Hypothesis): Set<number> {
  const path = new Set<number>();
  let before: number | undefined;
  for (const [depth, token] of [...best.tokens, EOS].entries()) {
    const at = nodes.findIndex((node) => node.depth === depth && node.before === before && node.token === token);
    path.add(at);
    before = at;
  }
  return path;
}
