import '../memory/symbol-dispose';
import { Tensor, tidy } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Key } from '../random';
import { type Context, EVAL } from './context';
import { Buffer, MEMBER, Param } from './param';

/** Sizes of one example, without the batch axis: `[28, 28, 1]`. */
export type Shape = readonly number[];

/** What may sit in a field of a module and belong to it. */
export type Member = Module<never, unknown> | Param | Buffer;

/** What became of the keys of a state dict: PyTorch's `load_state_dict` gives the same two lists. */
export interface LoadReport {
  /** Names of the model that the dict lacks. */
  missing: string[];
  /** Keys of the dict that the model lacks. */
  unexpected: string[];
}

/**
 * The base of every layer and model. Subclasses are final: they hold `Param`, `Buffer` and other modules in fields, and
 * define `forward` and `outputShape`. PyTorch's `nn.Module`.
 *
 * @typeParam In what goes in, a tensor unless said otherwise
 * @typeParam Out what comes out
 */
export abstract class Module<In = Tensor, Out = Tensor> {
  static {
    Object.defineProperty(Module.prototype, MEMBER, { value: true });
  }

  #path = '';

  /**
   * Computes the output. Intermediate tensors are the caller's to tidy: `fit` and `predict` do it.
   *
   * @param x the input, batch axis first
   * @param ctx evaluation unless said otherwise
   */
  abstract forward(x: In, ctx?: Context): Out;

  /** The shape of one output for the shape of one input, both without the batch axis. */
  abstract outputShape(input: Shape): Shape;

  /**
   * Bytes that training keeps for the backward pass beside the output, for one example: what `summary` adds to it. Layers
   * that keep much, such as recurrent ones, say how much.
   *
   * @param input the shape of one input, without the batch axis
   */
  keptBytes?(input: Shape): number;

  /** Evaluates the model and frees everything but the result, which is yours to dispose of. */
  predict(x: In): Out {
    this.#walk();
    return tidy(() => {
      const y: unknown = this.forward(x, EVAL);
      // A model that hands its input through must not hand its owner's tensor out.
      return (y === x && y instanceof Tensor ? y.clone() : y) as never;
    });
  }

  /**
   * Where this module sits in the model it belongs to: `features.3`; empty for the root. Known once the root has been
   * asked for its parameters, for its modules or for a prediction, and to a `Sequential` from the start.
   */
  get path(): string {
    return this.#path;
  }

  /** How errors name this module: `Conv2d at features.3`. */
  get where(): string {
    return this.#path ? `${this.constructor.name} at ${this.#path}` : this.constructor.name;
  }

  /** The named members, in the order of the fields; arrays and plain objects of modules are entered. */
  *members(): Iterable<[name: string, member: Member]> {
    for (const [name, value] of Object.entries(this)) yield* membersOf(name, value);
  }

  /** Every parameter by its dotted name: `encoder.rnn.weight_ih_l0`. */
  parameters(): Map<string, Param> {
    return this.#collect((member): member is Param => member instanceof Param);
  }

  /** Every buffer by its dotted name. */
  buffers(): Map<string, Buffer> {
    return this.#collect((member): member is Buffer => member instanceof Buffer);
  }

  /** Every module below this one, and this one, by its dotted path; the root's is empty. */
  modules(): Map<string, Module<never, unknown>> {
    return new Map(
      this.#walk().filter((entry): entry is [string, Module<never, unknown>] => entry[1] instanceof Module),
    );
  }

  /** All parameters and buffers by name. The tensors stay the model's. */
  stateDict(): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const [name, member] of this.#walk()) if (!(member instanceof Module)) state.set(name, member.value);
    return state;
  }

  /**
   * Takes over the values of a state dict by name.
   *
   * @param state tensors by name; they stay the caller's
   * @param options `strict: false` allows names missing on either side
   * @throws ConfigError listing every missing, unexpected and misshapen name; the model is unchanged then
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>, options: { strict?: boolean } = {}): LoadReport {
    const own = new Map<string, Param | Buffer>();
    for (const [name, member] of this.#walk()) if (!(member instanceof Module)) own.set(name, member);
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !own.has(name));
    const misshapen = [...own].flatMap(([name, member]) => {
      const given = state.get(name);
      if (given === undefined) return [];
      const same = given.rank === member.shape.length && given.shape.every((size, i) => size === member.shape[i]);
      return same && given.dtype === member.dtype
        ? []
        : [`${name}: ${given.dtype} [${given.shape}] for ${member.dtype} [${member.shape}]`];
    });
    const strict = options.strict ?? true;
    if (misshapen.length > 0 || (strict && (missing.length > 0 || unexpected.length > 0))) {
      throw new ConfigError(
        this.where,
        [
          'the state does not fit the model',
          ...list('missing', strict ? missing : []),
          ...list('unexpected', strict ? unexpected : []),
          ...list('misshapen', misshapen),
        ].join('\n'),
        strict && misshapen.length === 0 ? 'loadStateDict(state, { strict: false }) takes what fits' : undefined,
      );
    }
    for (const [name, member] of own) {
      const given = state.get(name);
      if (given !== undefined) member.assign(given);
    }
    return { missing, unexpected };
  }

  /** Frees every parameter and buffer. */
  dispose(): void {
    for (const [, member] of this.#walk()) if (!(member instanceof Module)) member.dispose();
  }

  /** `dispose()`, at the end of a block of `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * The key of this module's own randomness in one pass: every module draws differently from the same `ctx.key`.
   *
   * @throws ConfigError where the context has no key
   */
  protected keyOf(ctx: Context): Key {
    if (ctx.key === undefined) {
      throw new ConfigError(
        this.where,
        'it draws random numbers in training, and the context has no key',
        'pass one that differs from step to step: forward(x, { train: true, key: key(0).fold(step) })',
      );
    }
    return ctx.key.child(this.#path);
  }

  #collect<M extends Param | Buffer>(wanted: (member: Member) => member is M): Map<string, M> {
    return new Map(this.#walk().filter((entry): entry is [string, M] => wanted(entry[1])));
  }

  /** All members below by their names from here, depth first; each is told its path from the root. */
  #walk(): [string, Member][] {
    const entries: [string, Member][] = [];
    const seen = new Set<Member>();
    const base = this.#path; // a part that is walked by itself stays where it is in the whole
    const visit = (path: string, member: Member) => {
      if (seen.has(member)) return; // shared weights are listed once, under their first name
      seen.add(member);
      entries.push([path, member]);
      const fromRoot = [base, path].filter((part) => part !== '').join('.');
      if (!(member instanceof Module)) {
        member.name = fromRoot;
        return;
      }
      member.#path = fromRoot;
      for (const [name, child] of member.members()) visit(path ? `${path}.${name}` : name, child);
    };
    visit('', this);
    return entries;
  }
}

function* membersOf(name: string, value: unknown): Iterable<[string, Member]> {
  if (value instanceof Module || value instanceof Param || value instanceof Buffer) {
    yield [name, value];
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* membersOf(`${name}.${i}`, item);
  } else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) yield* membersOf(`${name}.${key}`, item);
  } else if (value !== null && typeof value === 'object' && MEMBER in value) {
    throw new ConfigError(
      name,
      'belongs to another copy of @dl/core than the model, so it would not be trained or saved',
      'npm ls @dl/core shows who brings a second version; one program must not both import and require it',
    );
  }
}

function list(title: string, names: string[]): string[] {
  return names.length === 0 ? [] : [`  ${title}:`, ...names.map((name) => `    ${name}`)];
}
