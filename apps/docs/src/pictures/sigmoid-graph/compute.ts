import { checkGradients, numericalGradient } from '@dl/core';
import { add, exp, grad, mul, neg, reciprocal, type Tensor, tensor, tidy } from '@dl/core/ops';

/** The nodes of the graph in the order of the forward pass. */
export const NODES = ['negate', 'exp', 'plus', 'reciprocal'] as const;
export type NodeName = (typeof NODES)[number];

const functions: Readonly<Record<NodeName, (x: Tensor) => Tensor>> = {
  negate: neg,
  exp,
  plus: (x) => add(x, 1),
  reciprocal,
};

/** What flows along the five edges: before the first node, between them, and after the last. */
export interface Flow {
  /** The values, from `x` to `y`. */
  readonly forward: readonly number[];
  /** The derivative of the loss by each of them. */
  readonly backward: readonly number[];
  /** The derivative of each node's output by its input. */
  readonly local: readonly number[];
}

/** Runs the graph at `x`, and back from the derivative of the loss by `y`. */
export function flowOf(x: number, upstream: number): Flow {
  return tidy(() => {
    const edges = [tensor([x])];
    for (const name of NODES) edges.push(functions[name](edges.at(-1)!));
    const after = (edge: number) => (from: Tensor) => NODES.slice(edge).reduce((at, name) => functions[name](at), from);
    return {
      forward: edges.map(numberIn),
      // Through what is left of the graph behind each edge; behind the last there is only the loss.
      backward: edges.map((value, edge) => numberIn(grad((from) => mul(after(edge)(from), upstream))(value))),
      local: NODES.map((name, i) => numberIn(grad(functions[name])(edges[i]!))),
    };
  });
}

/** Both derivatives of the graph by `x`: by back-propagation, and by a central difference of the forward pass. */
export interface Check {
  readonly analytic: number;
  readonly numerical: number;
  /** Whether `checkGradients` finds that they agree. */
  readonly ok: boolean;
}

/** Compares the derivative that flows back with that of finite differences, for `upstream` 1. */
export function checkAt(x: number): Check {
  return tidy(() => {
    const graph = (from: Tensor) => NODES.reduce((at, name) => functions[name](at), from);
    const at = tensor([x]);
    return {
      analytic: numberIn(grad(graph)(at)),
      numerical: numberIn(numericalGradient(graph, at)),
      ok: checkGradients(graph, at).ok,
    };
  });
}

const numberIn = (value: Tensor): number => value.dataSync()[0]!;
