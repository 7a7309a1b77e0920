import { ConfigError, EVAL, type Module } from '@dl/core';
import { add, div, slice, square, stack, sum, type Tensor, tidy, valueAndGrads, zeros } from '@dl/core/ops';
import { Recurrent, type RecurrentOutput } from './recurrent';
import { fullPlan } from './sequence/plan';
import { Stacked } from './specs';

/** How the gradient fares in one layer and direction. */
export interface LayerFlow {
  /** Which: the path of the module and `_l0`, `_l0_reverse`, as in the names of its parameters. */
  name: string;
  /** `[time]` the norm of dL/dh_t, over batch and units, of every step. */
  norms: Float32Array;
}

/** What `gradientFlow` finds; prints as a table. */
export interface GradientFlow {
  layers: readonly LayerFlow[];
  /** Each layer's norms as a line of blocks, one decade a step of height, with the first and last as numbers. */
  toString(): string;
}

/** What `gradientFlow` may be told. */
export interface GradientFlowOptions<Out> {
  /** What is differentiated. @default half the squared sum of the output, of `last` where a layer gives that */
  loss?: (output: Out) => Tensor;
}

/**
 * How far back the gradient reaches: the norm of dL/dh_t for every step t, where L is a loss of what the model gives. In a
 * plain recurrent network it fades, or grows, by a factor with every step; gates keep it up. Bengio et al. 1994, Pascanu et
 * al. 2013.
 *
 * The model runs in evaluation, step by step, over whole sequences; a tensor of zeros is added to each hidden state, and the
 * gradient by it is that by the state, on all ways to the loss.
 *
 * @param model a recurrent layer, or a model that has some
 * @param x its input, batch first; stays yours
 * @throws ConfigError for a model without recurrent layers
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { gradientFlow, RNN } from '@dl/rnn';
 *
 * await init();
 * const flow = gradientFlow(new RNN({ in: 2, hidden: 8, key: key(0) }), ones([4, 50, 2]));
 * console.log(flow.toString());
 * flow.layers[0].norms[0] < flow.layers[0].norms[49]; // true
 * ```
 */
export function gradientFlow<Out>(
  model: Module<Tensor, Out>,
  x: Tensor,
  { loss = halfSquaredSum }: GradientFlowOptions<Out> = {},
): GradientFlow {
  const inside: [path: string, layer: Recurrent<RecurrentOutput>][] = [];
  for (const [path, module] of model.modules() as Map<string, unknown>) {
    if (module instanceof Recurrent) inside.push([path, module as Recurrent<RecurrentOutput>]);
    else if (module instanceof Stacked) inside.push([path, module.layer]);
  }
  if (inside.length === 0) {
    throw new ConfigError(model.where, 'there is no recurrent layer in it, whose gradients could be looked at');
  }

  // A first run tells which layers and directions there are, and how long their sequences.
  const found: { name: string; shape: [batch: number, time: number, size: number] }[] = [];
  tidy(() => {
    watch(
      inside,
      (path, suffix, run, inputs, attrs) => {
        const direction = run(inputs, attrs);
        const shape = direction.output.shape as [number, number, number];
        found.push({ name: `${path}${suffix}`.replace(/^_/, ''), shape });
        return direction;
      },
      () => void model.forward(x, EVAL),
    );
  });

  const layers: LayerFlow[] = [];
  tidy(() => {
    const added = found.map(({ shape: [batch, time, size] }) =>
      Array.from({ length: time }, () => zeros([batch, size])),
    );
    const f = () => {
      let at = 0;
      const output = watch(
        inside,
        (_path, _suffix, run, inputs, attrs) => {
          const own = added[at++]!;
          const [batch, time, features] = inputs.x.shape as [number, number, number];
          let { h0: h, c0: c } = inputs;
          const outputs: Tensor[] = [];
          for (let k = 0; k < time; k++) {
            const t = attrs.reverse ? time - 1 - k : k;
            const now = slice(inputs.x, [0, t, 0], [batch, 1, features]);
            const plan = fullPlan(batch, 1, attrs.reverse);
            const next = run({ ...inputs, x: now, h0: h, c0: c }, { ...attrs, plan });
            h = add(next.h, own[t]!);
            c = next.c;
            outputs[t] = h;
          }
          return { output: stack(outputs, 1), h: h!, ...(c && { c }) };
        },
        () => model.forward(x, EVAL),
      );
      return loss(output);
    };
    const { grads } = valueAndGrads(f)(added.flat());
    let first = 0;
    for (const {
      name,
      shape: [, time],
    } of found) {
      const norms = Float32Array.from(grads.slice(first, first + time), (gradient) =>
        Math.sqrt(sum(square(gradient)).dataSync()[0]!),
      );
      first += time;
      layers.push({ name, norms });
    }
  });
  return { layers, toString: () => plot(layers) };
}

type Run = Recurrent<RecurrentOutput>['runDirection'];
type Inputs = Parameters<Run>[0];
type Attrs = Parameters<Run>[1];
type Watcher = (
  path: string,
  suffix: string,
  run: (inputs: Inputs, attrs: Attrs) => ReturnType<Run>,
  inputs: Inputs,
  attrs: Attrs,
) => ReturnType<Run>;

/** Runs `f` while a watcher stands between the layers and their directions. */
function watch<T>(layers: readonly [string, Recurrent<RecurrentOutput>][], watcher: Watcher, f: () => T): T {
  for (const [path, layer] of layers) {
    const run = layer.runDirection.bind(layer);
    const between: Run = (inputs, attrs, suffix, key) =>
      watcher(path, suffix, (i, a) => run(i, a, suffix, key), inputs, attrs);
    Object.defineProperty(layer, 'runDirection', { value: between, configurable: true, enumerable: false });
  }
  try {
    return f();
  } finally {
    for (const [, layer] of layers) delete (layer as { runDirection?: unknown }).runDirection;
  }
}

function halfSquaredSum(output: unknown): Tensor {
  const { last } = output as { last?: Tensor };
  return div(sum(square(last ?? (output as Tensor))), 2);
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const WIDTH = 60;

/** A line a layer: the norms on a logarithmic scale that all layers share, eight decades high. */
function plot(layers: readonly LayerFlow[]): string {
  const finite = layers.flatMap(({ norms }) => [...norms].filter((norm) => norm > 0 && norm < Infinity));
  const top = Math.log10(Math.max(...finite, Number.MIN_VALUE));
  const names = Math.max(...layers.map(({ name }) => name.length), 5);
  const rows = layers.map(({ name, norms }) => {
    const columns = Math.min(WIDTH, norms.length);
    const line = Array.from({ length: columns }, (_, i) => {
      const norm = norms[Math.round((i * (norms.length - 1)) / Math.max(1, columns - 1))]!;
      const below = norm > 0 ? Math.floor(top - Math.log10(norm)) : BLOCKS.length;
      return below < BLOCKS.length ? BLOCKS[BLOCKS.length - 1 - Math.max(0, below)] : ' ';
    });
    const [first, last] = [norms[0] ?? 0, norms.at(-1) ?? 0];
    return `${name.padEnd(names)}  ${first.toExponential(1).padStart(8)}  ${line.join('').padEnd(WIDTH)}  ${last.toExponential(1)}`;
  });
  const head = `${'layer'.padEnd(names)}  ${'first'.padStart(8)}  ${'|dL/dh_t|, a block a decade'.padEnd(WIDTH)}  last`;
  return [head, ...rows].join('\n');
}
