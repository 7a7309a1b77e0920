import type { Run } from './run';

/** Where progress is written and how. */
export interface ProgressOptions {
  /**
   * Where it is written to.
   * @default `process.stderr`; in a page, the console, a line an epoch
   */
  stream?: ProgressStream | undefined;
  /**
   * A bar that moves, or one line an epoch without control characters.
   * @default whether the stream is a terminal, and the environment variable CI is not set
   */
  bar?: boolean | undefined;
}

/** What progress needs of a stream; `process.stderr` is one. */
export interface ProgressStream {
  /** Shows the text. */
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const BAR_WIDTH = 24;
/** Redraws no more often than this, in milliseconds. */
const INTERVAL = 80;

/**
 * Shows how a training goes: in a terminal a bar with loss, rate and time left, and a line for each epoch that is done;
 * elsewhere the lines alone. Writes to stderr, so that the output of the program stays clean. In a page, draw what
 * `run.on('step', ...)` tells.
 *
 * @returns the run
 *
 * @example
 * ```ts
 * await progress(fit(model, { data, loss, optimizer, epochs: 10 })).finish();
 * // epoch 3/10 ━━━━━━━━━━━━━━╸          276/469  loss 0.1234  58.1 batches/s  2.9 s left
 * ```
 */
export function progress<In, Out, B>(run: Run<In, Out, B>, options: ProgressOptions = {}): Run<In, Out, B> {
  const { process } = globalThis as { process?: { stderr?: ProgressStream; env?: Record<string, string | undefined> } };
  const stream = options.stream ?? process?.stderr ?? consoleStream;
  const hasBar = options.bar ?? (stream.isTTY === true && !process?.env?.CI);
  let epoch = -1;
  let start = 0;
  let firstBatch = 0; // not 0 where an epoch is resumed
  let lossSum = 0;
  let steps = 0;
  let drawn = 0;

  const begin = (index: number, batch: number) => {
    epoch = index;
    start = performance.now();
    firstBatch = batch;
    lossSum = 0;
    steps = 0;
  };
  const clear = () => {
    if (drawn > 0) stream.write('\r\x1b[2K');
    drawn = 0;
  };
  begin(run.epoch, run.batch);

  if (hasBar) {
    run.on('step', (step) => {
      if (step.epoch !== epoch) begin(step.epoch, 0);
      lossSum += step.loss;
      steps++;
      const now = performance.now();
      if (now - drawn < INTERVAL) return;
      drawn = now;
      const rate = ((step.batch - firstBatch) * 1000) / Math.max(1, now - start);
      const text = barLine(step.epoch, run.total, step.batch, run.batches, lossSum / steps, rate);
      stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}`);
    });
  }
  run.on('epoch', (report) => {
    clear();
    const numbers = { loss: report.loss, ...report.metrics };
    const validation = Object.entries(report.validation).map(([name, value]) => [`validation ${name}`, value] as const);
    const parts = [...Object.entries(numbers), ...validation].map(([name, value]) => `${name} ${short(value)}`);
    stream.write(`epoch ${report.index + 1}/${run.total}  ${parts.join('  ')}  ${duration(report.seconds)}\n`);
    begin(report.index + 1, 0);
  });
  run.on('end', clear);
  return run;
}

const consoleStream: ProgressStream = { write: (text) => console.info(text.trimEnd()) };

function barLine(
  epoch: number,
  epochs: number,
  batch: number,
  batches: number | undefined,
  loss: number,
  rate: number,
): string {
  const parts = [`epoch ${epoch + 1}/${epochs}`];
  if (batches === undefined) {
    parts.push(` batch ${batch}`);
  } else {
    const filled = Math.round(Math.min(1, batch / batches) * BAR_WIDTH * 2) / 2;
    const bar = '━'.repeat(Math.floor(filled)) + (filled % 1 > 0 ? '╸' : '');
    parts.push(bar.padEnd(BAR_WIDTH), `${batch}/${batches}`);
  }
  parts.push(` loss ${short(loss)}`, ` ${short(rate)} batches/s`);
  if (batches !== undefined && rate > 0) {
    const left = (batches - batch + (epochs - epoch - 1) * batches) / rate;
    parts.push(` ${duration(left)} left`);
  }
  return parts.join(' ');
}

function short(x: number): string {
  return Math.abs(x) >= 1e-4 && Math.abs(x) < 1e6 ? String(Number(x.toPrecision(4))) : x.toPrecision(3);
}

/** Seconds as `7.1 s`, `12:30`, `1:02:03`. */
function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(s % 60)}` : `${minutes}:${pad(s % 60)}`;
}
