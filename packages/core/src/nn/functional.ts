import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { type Context, EVAL } from './context';
import type { Module } from './module';
import type { Param } from './param';

/** A model as a function of its parameters. */
export interface Functional<In, Out> {
  /** The parameters by name; they stay the model's. */
  params: Map<string, Tensor>;
  /** The model's output with these tensors in the place of its parameters; those not given keep their values. */
  apply: (params: ReadonlyMap<string, Tensor>, x: In, ctx?: Context) => Out;
}

/**
 * Sees a model as a function of its parameters: for `grad`, gradient checks and ensembles of weights.
 *
 * @example
 * ```ts
 * const { params, apply } = functional(model);
 * const doubled = new Map([...params].map(([name, value]) => [name, mul(value, 2)]));
 * const y = apply(doubled, x);
 * ```
 */
export function functional<In, Out>(model: Module<In, Out>): Functional<In, Out> {
  const own = model.parameters();
  return {
    params: new Map([...own].map(([name, param]) => [name, param.value])),
    apply(params, x, ctx = EVAL) {
      const replaced: [Param, Tensor][] = [...params].map(([name, value]) => {
        const param = own.get(name);
        if (param === undefined) {
          throw new ConfigError(
            'functional',
            `the model has no parameter '${name}'`,
            `it has ${[...own.keys()].join(', ')}`,
          );
        }
        return [param, value];
      });
      const run = replaced.reduce<() => Out>(
        (f, [param, value]) =>
          () =>
            param.during(value, f),
        () => model.forward(x, ctx),
      );
      return run();
    },
  };
}
