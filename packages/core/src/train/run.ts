import type { Tensor } from '@tensorflow/tfjs-core';
import type { Batches } from '../data/batches';
import { ConfigError } from '../errors';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensorsFile,
  type SafetensorsFile,
  saveSafetensors,
} from '../io';
import type { Module } from '../nn/module';
import type { Optimizer } from '../optim/optimizer';
import type { Key } from '../random';
import { checkpointOf, type Position, restoreCheckpoint } from './checkpoint';
import { evaluate } from './evaluate';
import { isSliceOver, nextSlice } from './event-loop';
import { type FiniteCheck, GradientStep, type PredictionObserver } from './gradient-step';
import { type EpochRecord, type ImprovementOptions, lastImprovement, numberOf } from './history';
import { MetricSet, type Metrics } from './metric-set';
import type { Selection, TrainingLoss } from './objective';
import { Source } from './source';
import { requireCount } from './train-step';

/** What `fit` is told. */
export interface FitOptions<In, Out, B> extends Selection<In, B> {
  /** The training data; its batches are freed after each step. */
  data: Batches<B>;
  /** Of `@dl/core/losses`, any `(prediction, target) => Tensor`, or an `Objective`. */
  loss: TrainingLoss<In, Out, B>;
  /** Of `@dl/core/optim`. Stays yours, with its state. */
  optimizer: Optimizer;
  /** How often the data is gone through. */
  epochs: number;
  /** Randomness of the forward passes: dropout and its like. Needed by models that draw. */
  key?: Key | undefined;
  /**
   * Stops training after the present step: the loop throws the signal's reason, as `fetch` does. The run stays whole:
   * `state()` gives a checkpoint, and iterating anew goes on (with a signal that is not aborted, in a new run).
   */
  signal?: AbortSignal | undefined;
  /**
   * Batches an update: their gradients are averaged. What is left at the end of an epoch makes an update of its own.
   * @default 1
   */
  accumulate?: number | undefined;
  /**
   * `loss`: a loss that is NaN or Infinity throws a NumericsError that names the cause, before it reaches the
   * parameters; costs nothing. `every`: the batch before, and every gradient after, at each step. `false`: nothing is checked.
   * @default 'loss'
   */
  checkFinite?: FiniteCheck | undefined;
  /**
   * A checkpoint to go on from, as `run.state()` gave it, or the path of its file (read when training begins): of the
   * same model, optimizer options, data and key. The result is that of a training that was never interrupted, bit for
   * bit, on the same backend.
   */
  resume?: Uint8Array | string | undefined;
  /** Writes a checkpoint as training goes on. Node only. */
  checkpoint?: CheckpointOptions | undefined;
}

/** Where and how often checkpoints are written. */
export interface CheckpointOptions {
  /** The file; each checkpoint takes the place of the one before, whole or not at all. */
  path: string;
  /** Steps between two of them; without it one is written after each epoch. */
  steps?: number | undefined;
}

/** What an epoch is judged by. */
export interface EpochOptions<B> {
  /** Data to evaluate the model on after each epoch. */
  validate?: Batches<B> | undefined;
  /** Computed over the predictions of the training, and over those of the validation. */
  metrics?: Metrics | undefined;
}

/** Plain numbers of one step. */
export interface StepReport {
  /** Which step, from 0. */
  index: number;
  /** Which epoch it belongs to, from 0. */
  epoch: number;
  /** Batches of this epoch used so far. */
  batch: number;
  /** Mean loss over the examples of this step, before its update. */
  loss: number;
  /** Learning rate of this step. */
  lr: number;
}

/** Plain numbers of one epoch. */
export interface EpochReport extends EpochRecord {
  /** Time spent on training in this epoch, validation left out. */
  seconds: number;
  /** Learning rate of the next step. */
  lr: number;
  /**
   * Whether this epoch is the best so far by a number: that of the validation where there is one.
   *
   * @param name `loss` or a metric
   */
  best(name: string, options?: ImprovementOptions): boolean;
  /** Whether a number has not become better for `patience` epochs. */
  stalled(name: string, options: ImprovementOptions & { patience: number }): boolean;
}

/** What a run tells its listeners. */
export interface RunEvents {
  step: StepReport;
  epoch: EpochReport;
  /** Training has ended or was left; `error` where it failed or was aborted. */
  end: { error?: unknown };
}

/**
 * A training under way: iterate it, once, to make it go. Made by `fit`.
 *
 * Leaving the loop by `break` stops training and frees what it held; the model is then as the last step left it, and
 * iterating anew goes on from there.
 */
export class Run<In = Tensor, Out = Tensor, B = unknown> {
  /** Epochs in all. */
  readonly total: number;
  readonly #model: Module<In, Out>;
  readonly #options: FitOptions<In, Out, B>;
  readonly #accumulate: number;
  readonly #work: GradientStep<In, Out, B>;
  readonly #listeners: { [E in keyof RunEvents]: Set<(event: RunEvents[E]) => void> } = {
    step: new Set(),
    epoch: new Set(),
    end: new Set(),
  };
  #position: Position = { step: 0, epoch: 0, batch: 0, lossSum: 0, examples: 0 };
  #history: EpochRecord[] = [];
  #isRunning = false;
  #resumePath: string | undefined;

  /** @internal Use `fit`. */
  constructor(model: Module<In, Out>, options: FitOptions<In, Out, B>) {
    this.total = requireCount('fit', 'epochs', options.epochs);
    this.#accumulate = requireCount('fit', 'accumulate', options.accumulate ?? 1);
    if (typeof options.data?.batches !== 'function') {
      throw new ConfigError(
        'fit',
        'data has no method batches(epoch)',
        'give Dataset.from(...).batch(size), or any Batches',
      );
    }
    this.#model = model;
    this.#options = options;
    this.#work = new GradientStep(model, options.loss, options.optimizer, options.checkFinite ?? 'loss', options);
    if (options.checkpoint?.steps !== undefined) requireCount('fit', 'checkpoint.steps', options.checkpoint.steps);
    if (options.resume instanceof Uint8Array) this.#restore(decodeSafetensors(options.resume));
    else this.#resumePath = options.resume;
  }

  /** Steps of the optimizer so far. */
  get step(): number {
    return this.#position.step;
  }

  /** The epoch it is in, from 0; `total` at the end. */
  get epoch(): number {
    return this.#position.epoch;
  }

  /** Batches of this epoch that are done. */
  get batch(): number {
    return this.#position.batch;
  }

  /** Batches an epoch, where the data knows. */
  get batches(): number | undefined {
    return this.#options.data.size;
  }

  /** The numbers of the epochs that are done. */
  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  /**
   * Trains, and yields after each epoch.
   *
   * @throws NumericsError where the loss becomes NaN or Infinity; the signal's reason where it is aborted
   */
  async *epochs(options: EpochOptions<B> = {}): AsyncGenerator<EpochReport, void, undefined> {
    for await (const event of this.#train(options)) if ('validation' in event) yield event;
  }

  /**
   * Trains, and yields after every `every` steps.
   *
   * @throws NumericsError where the loss becomes NaN or Infinity; the signal's reason where it is aborted
   */
  async *steps({
    every = 1,
    ...options
  }: EpochOptions<B> & { every?: number } = {}): AsyncGenerator<StepReport, void, undefined> {
    requireCount('steps', 'every', every);
    for await (const event of this.#train(options, every)) if (!('validation' in event)) yield event;
  }

  /** Trains to the end without a loop of yours, and gives the numbers of the last epoch; `history` has them all. */
  async finish(options: EpochOptions<B> = {}): Promise<EpochRecord> {
    const steps = this.#train(options);
    while (!(await steps.next()).done);
    return this.#history.at(-1)!;
  }

  /**
   * Calls a function at each event, for a page or a progress display; returns the function that ends it. Listeners see
   * steps however the run is iterated.
   *
   * @example
   * ```ts
   * run.on('step', ({ index, loss }) => chart.add(index, loss));
   * run.on('step', () => average.update()); // ema(model.parameters())
   * ```
   */
  on<E extends keyof RunEvents>(event: E, listener: (event: RunEvents[E]) => void): () => void {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  /**
   * A checkpoint: weights and buffers of the model under their own names, the optimizer's state, and where in the data
   * training stands; a safetensors file. `fit(model, { ..., resume })` goes on from it.
   */
  state(): Uint8Array {
    const { tensors, metadata } = this.#checkpoint();
    return encodeSafetensors(tensors, metadata);
  }

  /** Writes `state()` to a file, which appears whole or not at all. Node only. */
  async save(path: string): Promise<void> {
    const { tensors, metadata } = this.#checkpoint();
    await saveSafetensors(path, tensors, metadata);
  }

  #checkpoint() {
    return checkpointOf(this.#model, this.#options.optimizer, this.#options.key, this.#position, this.#history);
  }

  #restore(file: SafetensorsFile): void {
    const { position, history } = restoreCheckpoint(file, this.#model, this.#options.optimizer, this.#options.key);
    this.#position = position;
    this.#history = history;
  }

  async *#train(options: EpochOptions<B>, every?: number): AsyncGenerator<StepReport | EpochReport, void, undefined> {
    if (this.#isRunning) {
      throw new ConfigError('run', 'is being iterated already', 'call fit again for a second training');
    }
    this.#isRunning = true;
    const end: RunEvents['end'] = {};
    try {
      if (this.#resumePath !== undefined) {
        this.#restore(await readSafetensorsFile(this.#resumePath));
        this.#resumePath = undefined;
      }
      while (this.#position.epoch < this.total) {
        this.#options.signal?.throwIfAborted();
        yield* this.#trainEpoch(options, every);
      }
    } catch (error) {
      end.error = error;
      throw error;
    } finally {
      this.#isRunning = false;
      this.#emit('end', end);
    }
  }

  async *#trainEpoch(
    options: EpochOptions<B>,
    every: number | undefined,
  ): AsyncGenerator<StepReport | EpochReport, void, undefined> {
    const { data, signal, checkpoint } = this.#options;
    const watched = new MetricSet(options.metrics ?? {});
    const observe = watched.isEmpty ? undefined : watched.update;
    const source = new Source(data.batches(this.#position.epoch, this.#position.batch), signal);
    let seconds = 0;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const start = performance.now();
        const report = await this.#trainStep(source, observe);
        seconds += (performance.now() - start) / 1000;
        if (report === undefined) break;
        if (checkpoint?.steps !== undefined && this.#position.step % checkpoint.steps === 0) {
          await this.save(checkpoint.path);
        }
        this.#emit('step', report);
        if (every !== undefined && this.#position.step % every === 0) yield report;
        if (isSliceOver()) await nextSlice();
      }
      if (this.#position.batch === 0) {
        throw new ConfigError('fit', `the data has no batch in epoch ${this.#position.epoch}`);
      }
    } finally {
      this.#work.discard();
      await source.close();
    }
    const report = await this.#endEpoch(watched, options, seconds);
    if (checkpoint !== undefined && checkpoint.steps === undefined) await this.save(checkpoint.path);
    this.#emit('epoch', report);
    yield report;
  }

  /** One update, of `accumulate` batches or what the epoch has left; undefined at its end. */
  async #trainStep(source: Source<B>, observe: PredictionObserver | undefined): Promise<StepReport | undefined> {
    const { optimizer, key } = this.#options;
    const { epoch, batch: first } = this.#position;
    let lossSum = 0;
    let examples = 0;
    let batches = 0;
    while (batches < this.#accumulate) {
      const next = source.next();
      const batch = next instanceof Promise ? await next : next;
      if (batch === undefined) break;
      const passKey = key?.fold(epoch).fold(first + batches);
      const outcome = this.#work.backward(batch, { train: true, ...(passKey && { key: passKey }) }, observe);
      source.release();
      lossSum += outcome.loss * outcome.examples;
      examples += outcome.examples;
      batches++;
    }
    if (batches === 0) return undefined;
    const { lr } = optimizer;
    this.#work.update();
    // From here on a checkpoint counts these batches as done.
    const at = this.#position;
    this.#position = {
      step: at.step + 1,
      epoch,
      batch: first + batches,
      lossSum: at.lossSum + lossSum,
      examples: at.examples + examples,
    };
    return { index: at.step, epoch, batch: first + batches, loss: lossSum / examples, lr };
  }

  async #endEpoch(watched: MetricSet, { validate, metrics }: EpochOptions<B>, seconds: number): Promise<EpochReport> {
    const { loss, input, target, signal, optimizer } = this.#options;
    const { step, epoch, lossSum, examples } = this.#position;
    const trained = watched.results(); // before the validation, which resets the same metrics
    const validation: Record<string, number> =
      validate === undefined ? {} : await evaluate(this.#model, validate, { loss, metrics, input, target, signal });
    const record: EpochRecord = {
      index: epoch,
      step,
      loss: lossSum / examples,
      metrics: trained,
      validation,
    };
    optimizer.observe(validation.loss ?? record.loss);
    this.#history.push(record);
    this.#position = { step, epoch: epoch + 1, batch: 0, lossSum: 0, examples: 0 };
    const history = this.#history.slice(); // judged as it stands now, however late it is asked
    const improvedAt = (name: string, { mode, minDelta = 0 }: ImprovementOptions) => {
      numberOf(record, name);
      return lastImprovement(history, name, mode ?? watched.modeOf(name), minDelta);
    };
    return {
      ...record,
      seconds,
      lr: optimizer.lr,
      best: (name, options = {}) => improvedAt(name, options) === history.length - 1,
      stalled: (name, options) => history.length - 1 - improvedAt(name, options) >= options.patience,
    };
  }

  #emit<E extends keyof RunEvents>(event: E, numbers: RunEvents[E]): void {
    for (const listener of this.#listeners[event]) listener(numbers);
  }
}
