import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { disposeRemains, observeTensors, type TensorRemains } from '../backend/tensor-lifetime';
import { formatShape } from '../errors';

/** A tensor that was collected by the garbage collector before anybody disposed of it. */
export interface Leak {
  shape: readonly number[];
  dtype: DataType;
  /** The line that made it: the first outside of node_modules and @dl. */
  place: string;
  /** All the lines that led there, innermost first. */
  stack: readonly string[];
}

/** How leaks are tracked. */
export interface LeakOptions {
  /**
   * Is told of each leak.
   * @default a warning on the console, once a line
   */
  report?: (leak: Leak) => void;
}

/** Tracks leaks until it is stopped. */
export interface LeakTracker {
  /** The tensors made since the start that are neither disposed of nor collected: how many each line holds, most first. */
  held(): { place: string; count: number }[];
  /** Ends the tracking; `using` does it too. */
  stop(): void;
  /** `stop()`, at the end of a block of `using`. */
  [Symbol.dispose](): void;
}

interface Birth extends TensorRemains {
  shape: readonly number[];
  stack: string;
}

/**
 * A development aid: reports every tensor that is lost without `dispose()`, with the line that made it, and frees its
 * memory. Costs some 20 microseconds a tensor, and sees a leak only when the garbage collector comes by.
 *
 * @example
 * ```ts
 * import { trackLeaks } from '@dl/core';
 *
 * using leaks = trackLeaks(); // or init({ leaks: true })
 * // ... use tensors
 * console.table(leaks.held());
 * ```
 */
export function trackLeaks(options: LeakOptions = {}): LeakTracker {
  const report = options.report ?? warnOnce();
  const alive = new Map<number, Birth>(); // by tensor id
  const registry = new FinalizationRegistry<number>((id) => {
    const birth = alive.get(id);
    if (birth === undefined) return;
    alive.delete(id);
    disposeRemains(birth);
    const stack = frames(birth.stack);
    report({ shape: birth.shape, dtype: birth.dtype, place: placeOf(stack), stack });
  });
  const end = observeTensors({
    created(tensor: Tensor) {
      const { dataId, dtype, size, shape, id } = tensor;
      alive.set(id, { dataId, dtype, size, shape, stack: stackHere() });
      registry.register(tensor, id, tensor);
    },
    disposed(tensor: Tensor) {
      if (alive.delete(tensor.id)) registry.unregister(tensor);
    },
  });
  const stop = () => {
    end();
    alive.clear(); // what is collected later is no longer looked at
  };
  return {
    held() {
      const counts = new Map<string, number>();
      for (const birth of alive.values()) {
        const place = placeOf(frames(birth.stack));
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
      return [...counts].map(([place, count]) => ({ place, count })).sort((a, b) => b.count - a.count);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

function warnOnce(): (leak: Leak) => void {
  const seen = new Set<string>();
  return ({ shape, dtype, place }) => {
    if (seen.has(place)) return;
    seen.add(place);
    console.warn(
      `A tensor ${dtype} ${formatShape(shape)} was lost without dispose(); it was made at\n  ${place}\n` +
        '  hint  dispose of it, hold it with `using`, or compute inside tidy(); further ones of this line are not reported',
    );
  };
}

const DEPTH = 40;

/** The stack as text: the structured one would keep the tensors alive that are `this` on it. */
function stackHere(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  return stack;
}

/** The lines of a stack as `function (file:line:column)`; engines differ in how they write them. */
function frames(stack: string): string[] {
  return stack
    .split('\n')
    .map((line) => line.trim().replace(/^at /, ''))
    .filter((line) => /:\d+:\d+\)?$/.test(line));
}

/** The folder of this library's own code, as stacks name it. */
const ownFolder = /(?:file:\/\/)?((?:\w+:)?\/[^\s()]*\/)/
  .exec(frames(stackHere())[0] ?? '')?.[1]
  ?.replace(/memory\/$/, '');

function placeOf(stack: readonly string[]): string {
  const foreign = stack.find((frame) => !isOwn(frame));
  // In a bundle all code is of one file: then only the reader can tell what is whose.
  return foreign ?? stack.slice(1).join('\n  ');
}

function isOwn(frame: string): boolean {
  if (/node_modules|[/\\]@dl[/\\]|node:/.test(frame)) return true;
  return ownFolder !== undefined && frame.includes(ownFolder) && !/\.test\.\w+:/.test(frame);
}
