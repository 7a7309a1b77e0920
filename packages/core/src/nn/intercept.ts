import type { Module } from './module';

/** One call of a module's `forward`. */
export interface ModuleCall {
  /** Dotted path from the model; empty for the model itself. */
  readonly path: string;
  readonly module: Module<never, unknown>;
  readonly input: unknown;
  /** Computes the output. */
  readonly forward: () => unknown;
}

/**
 * Runs `f` while every `forward` of the model and of the modules in it goes through `around`, which gives the output: to
 * look at what is handed on, or to hand on something else. PyTorch's forward hooks.
 *
 * @param model the model
 * @param around gives the output of a module; `call.forward()` computes it
 * @param f is run meanwhile, synchronously
 * @returns what `f` returns
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { intercept, linear, relu, sequential } from '@dl/core/nn';
 * import { ones, Tensor } from '@dl/core/ops';
 *
 * await init();
 * const model = sequential({ input: [4], key: key(0) }, [linear({ out: 3 }), relu()]);
 * const calls: string[] = [];
 * const around = ({ path, module, forward }) => {
 *   calls.push(`${path} ${module.constructor.name}`);
 *   return forward();
 * };
 * intercept(model, around, () => model.predict(ones([1, 4])));
 * calls.length; // 3
 * ```
 */
export function intercept<T>(model: Module<never, unknown>, around: (call: ModuleCall) => unknown, f: () => T): T {
  const undo: (() => void)[] = [];
  for (const [path, module] of model.modules()) {
    const own = Object.getOwnPropertyDescriptor(module, 'forward');
    undo.push(() => {
      if (own) Object.defineProperty(module, 'forward', own);
      else delete (module as { forward?: unknown }).forward;
    });
    const forward = module.forward.bind(module);
    const value: typeof forward = (...given) =>
      around({ path, module, input: given[0], forward: () => forward(...given) });
    Object.defineProperty(module, 'forward', { value, configurable: true, enumerable: false });
  }
  try {
    return f();
  } finally {
    for (const restore of undo) restore();
  }
}
