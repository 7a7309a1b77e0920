import '../memory/symbol-dispose';
import { engine, fill, keep, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import type { Kernels } from '../backend/kernels.generated';
import { ConfigError, DisposedError, NumericsError } from '../errors';
import type { Param } from '../nn/param';
import { usesKernels } from '../ops/define-op';
import { clipCoefficient, clipCoefficientTensor, clipElements, globalNorm } from './clip';
import { requireFloat, requireShape } from './fitting';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireRange } from './option-range';
import type { Schedule } from './schedules/schedule';
import { ownMemory, ROW_BYTES, type UpdateRow, withUpdateTable } from './update-table';

/**
 * How an optimizer changes one parameter: the composed form, which is its definition, beside the kernel that does the
 * same to all parameters at once.
 *
 * @typeParam S names of the state tensors of a parameter, PyTorch's: `exp_avg`
 * @typeParam C the numbers of a step
 */
export interface UpdateRule<S extends string, C> {
  /** Name of the optimizer: `adam`. */
  readonly name: string;
  /** Initial value of each state tensor, in the order of the kernel's columns; undefined where it is not kept. */
  readonly state: Readonly<Record<S, number | undefined>>;
  /** The numbers of a step: `t` counts the steps of the parameter from 1, `lr` is the rate. */
  coefficients(t: number, lr: number): C;
  /** The next value of the parameter and of its state, out of tfjs operations. */
  composed(
    now: { param: Tensor; grad: Tensor } & Record<S, Tensor>,
    c: C,
  ): { param: Tensor } & Partial<Record<S, Tensor>>;
  /** The same in place for the rows of a table. */
  kernel(k: Kernels, rows: KernelRows, c: C): void;
}

/** The leading arguments of every update kernel. */
export type KernelRows = readonly [table: number, count: number, spare: number, scale: number, bound: number];

interface Kept<S extends string> {
  steps: number;
  tensors: Record<S, Tensor>;
}

interface Entry<S extends string> {
  name: string;
  param: Param;
  grad: Tensor;
  kept: Kept<S>;
}

/** The optimizer that follows a rule. */
export class RuleOptimizer<S extends string, C> implements Optimizer {
  readonly #rule: UpdateRule<S, C>;
  readonly #columns: readonly S[];
  readonly #schedule: Schedule;
  readonly #clipNorm: number | undefined;
  readonly #clipValue: number;
  readonly #kept = new Map<string, Kept<S>>();
  #steps = 0;
  #disposed = false;

  constructor(rule: UpdateRule<S, C>, options: OptimizerOptions, lr: number) {
    const { clipNorm, clipValue } = options;
    const rate = options.lr ?? lr;
    if (clipNorm !== undefined && clipValue !== undefined) {
      throw new ConfigError(rule.name, 'clipNorm and clipValue are both given', 'choose one');
    }
    if (clipNorm !== undefined) requireRange(rule.name, { clipNorm }, Number.MIN_VALUE, Infinity);
    if (clipValue !== undefined) requireRange(rule.name, { clipValue }, 0, Infinity);
    if (typeof rate !== 'function') requireRange(rule.name, { lr: rate }, 0);
    this.#rule = rule;
    this.#columns = Object.keys(rule.state) as S[];
    this.#schedule = typeof rate === 'function' ? rate : () => rate;
    this.#clipNorm = clipNorm;
    this.#clipValue = clipValue ?? Infinity;
  }

  get name(): string {
    return this.#rule.name;
  }

  get steps(): number {
    return this.#steps;
  }

  get lr(): number {
    return this.#schedule(this.#steps);
  }

  step(params: ReadonlyMap<string, Param>, grads: ReadonlyMap<string, Tensor>): void {
    if (this.#disposed) throw new DisposedError(`${this.name}: step() after dispose()`);
    const lr = this.lr;
    if (!(lr >= 0 && lr < Infinity)) {
      throw new NumericsError(`${this.name}: the schedule gives the learning rate ${lr} at step ${this.#steps}`);
    }
    const entries = this.#entries(params, grads);
    if (usesKernels()) this.#runKernel(entries, lr);
    else this.#runComposed(entries, lr);
    for (const { kept } of entries) kept.steps++;
    this.#steps++;
  }

  observe(metric: number): void {
    this.#schedule.observe?.(metric);
  }

  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const column of this.#columns) {
      if (this.#rule.state[column] === undefined) continue;
      for (const [name, { tensors }] of this.#kept) state.set(`${this.name}.${column}/${name}`, tensors[column]);
    }
    return state;
  }

  scalars(): Record<string, number> {
    const scalars: Record<string, number> = { steps: this.#steps };
    // A parameter that had no gradient in some steps counts its own.
    for (const [name, { steps }] of this.#kept) if (steps !== this.#steps) scalars[`steps/${name}`] = steps;
    for (const [name, value] of Object.entries(this.#schedule.scalars?.() ?? {})) scalars[`schedule/${name}`] = value;
    return scalars;
  }

  restore(tensors: ReadonlyMap<string, Tensor>, scalars: Readonly<Record<string, number>>): void {
    const { steps } = scalars;
    if (steps === undefined || !Number.isInteger(steps) || steps < 0) {
      throw new ConfigError(this.name, `the state to restore has no number of steps (steps is ${steps})`);
    }
    const columns = this.#columns.filter((column) => this.#rule.state[column] !== undefined);
    const found = new Map<string, Map<S, Tensor>>();
    for (const [key, tensor] of tensors) {
      const slash = key.indexOf('/');
      const column = columns.find((c) => key.slice(0, slash) === `${this.name}.${c}`);
      if (column === undefined) {
        const own = columns.map((c) => `${this.name}.${c}`).join(', ') || 'no tensors';
        throw new ConfigError(this.name, `'${key}' is the state of another optimizer`, `this one keeps ${own}`);
      }
      const name = key.slice(slash + 1);
      const entry = found.get(name) ?? new Map<S, Tensor>();
      found.set(name, entry.set(column, tensor));
    }
    for (const [name, entry] of found) {
      const lacking = columns.find((column) => !entry.has(column));
      if (lacking !== undefined) {
        throw new ConfigError(this.name, `the state to restore lacks ${this.name}.${lacking}/${name}`);
      }
    }
    const remembered = Object.entries(scalars)
      .filter(([key]) => key.startsWith('schedule/'))
      .map(([key, value]) => [key.slice('schedule/'.length), value] as const);
    this.#schedule.restore?.(Object.fromEntries(remembered));
    this.#free();
    for (const [name, entry] of found) {
      const tensors = {} as Record<S, Tensor>;
      for (const [column, tensor] of entry) tensors[column] = keep(tidy(() => tensor.clone()));
      this.#kept.set(name, { steps: scalars[`steps/${name}`] ?? steps, tensors });
    }
    this.#steps = steps;
  }

  dispose(): void {
    this.#free();
    this.#disposed = true;
  }

  /** `dispose()`, at the end of a block of `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #free(): void {
    for (const { tensors } of this.#kept.values()) {
      for (const tensor of Object.values<Tensor>(tensors)) tensor.dispose();
    }
    this.#kept.clear();
  }

  /** What is to be changed, after checking all of it. */
  #entries(params: ReadonlyMap<string, Param>, grads: ReadonlyMap<string, Tensor>): Entry<S>[] {
    const found: [string, Param, Tensor][] = [];
    for (const [name, grad] of grads) {
      const param = params.get(name);
      if (param === undefined) {
        throw new ConfigError(this.name, `there is a gradient for '${name}', which is not a parameter`);
      }
      if (!param.trainable) continue;
      const state = Object.values<Tensor>(this.#kept.get(name)?.tensors ?? {});
      requireFloat(this.name, name, 'parameter', param.value);
      requireFloat(this.name, name, 'gradient', grad);
      requireShape(this.name, name, 'gradient', grad.shape, param.shape);
      if (state[0] !== undefined) requireShape(this.name, name, 'state', state[0].shape, param.shape);
      found.push([name, param, grad]);
    }
    return found.map(([name, param, grad]) => ({ name, param, grad, kept: this.#keptOf(name, param) }));
  }

  #keptOf(name: string, param: Param): Kept<S> {
    let kept = this.#kept.get(name);
    if (kept === undefined) {
      const tensors = {} as Record<S, Tensor>;
      for (const column of this.#columns) {
        const value = this.#rule.state[column];
        if (value !== undefined) tensors[column] = keep(tidy(() => fill(param.shape as number[], value)));
      }
      kept = { steps: 0, tensors };
      this.#kept.set(name, kept);
    }
    return kept;
  }

  #runKernel(entries: readonly Entry<S>[], lr: number): void {
    const heap = Heap.of(engine().backend);
    const k = kernels.on(heap);
    const rows: UpdateRow[] = [];
    const groups: { t: number; count: number }[] = []; // rows that have taken as many steps: nearly always all of them
    for (const { param, grad, kept } of bySteps(entries)) {
      param.replace(ownMemory(heap, param.value));
      for (const column of this.#columns) {
        const tensor = kept.tensors[column];
        if (tensor === undefined) continue;
        const own = ownMemory(heap, tensor);
        if (own !== tensor) tensor.dispose();
        kept.tensors[column] = own;
      }
      rows.push({ target: param.value, source: grad, state: this.#columns.map((column) => kept.tensors[column]) });
      const last = groups.at(-1);
      if (last?.t === kept.steps + 1) last.count++;
      else groups.push({ t: kept.steps + 1, count: 1 });
    }
    withUpdateTable(heap, rows, (table, spare) => {
      const norm = this.#clipNorm === undefined ? 0 : Math.sqrt(k.gradientSquares(table, rows.length));
      const scale = this.#clipNorm === undefined ? 1 : clipCoefficient(norm, this.#clipNorm);
      let at = table;
      for (const { t, count } of groups) {
        this.#rule.kernel(k, [at, count, spare, scale, this.#clipValue], this.#rule.coefficients(t, lr));
        at += count * ROW_BYTES;
      }
    });
    for (const { target } of rows) heap.written(target);
  }

  #runComposed(entries: readonly Entry<S>[], lr: number): void {
    const clipNorm = this.#clipNorm;
    const scale =
      clipNorm === undefined
        ? undefined
        : tidy(() => clipCoefficientTensor(globalNorm(entries.map(({ grad }) => grad)), clipNorm));
    for (const { param, grad, kept } of entries) {
      const c = this.#rule.coefficients(kept.steps + 1, lr);
      const next = tidy((): Record<string, Tensor> => {
        const small = clipElements(scale === undefined ? grad : mul(grad, scale), this.#clipValue);
        return this.#rule.composed({ param: param.value, grad: small, ...kept.tensors }, c);
      });
      param.replace(next.param!);
      for (const column of this.#columns) {
        const tensor = next[column];
        if (tensor === undefined) continue;
        kept.tensors[column].dispose();
        kept.tensors[column] = keep(tensor);
      }
    }
    scale?.dispose();
  }
}

/** The same entries, those that have taken as many steps beside each other. */
function bySteps<S extends string>(entries: readonly Entry<S>[]): readonly Entry<S>[] {
  const t = entries[0]?.kept.steps;
  return entries.every(({ kept }) => kept.steps === t)
    ? entries
    : [...entries].sort((a, b) => a.kept.steps - b.kept.steps);
}
