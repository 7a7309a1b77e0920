import { transform } from 'sucrase';

/** What an example can reach: its imports and its console. */
export interface Surroundings {
  /** Resolves an import of the example. */
  readonly load: (name: string) => Promise<unknown>;
  readonly console: Pick<Console, 'log' | 'warn' | 'error' | 'table' | 'info'>;
}

type AsyncFunctionConstructor = new (...code: string[]) => (...values: unknown[]) => Promise<void>;

// No name leads to this constructor but an asynchronous function.
const AsyncFunction = (async () => Promise.resolve()).constructor as AsyncFunctionConstructor;

/** The name a stack trace gives the lines of an example. */
const fileName = 'example.ts';
// A function made from text has this many lines before its body.
const linesBefore = 2;

/** Runs TypeScript that may import and await at its top level. Types are taken out, not checked. */
export async function runExample(source: string, { load, console }: Surroundings): Promise<void> {
  const { code } = transform(source, { transforms: ['typescript', 'imports'], production: true, filePath: fileName });
  const imported = new Map<string, unknown>();
  // Sucrase turns imports into calls of `require`, which cannot wait: what is imported is loaded before.
  for (const [, name] of code.matchAll(/\brequire\('([^']+)'\)/g)) imported.set(name!, await load(name!));
  const require = (name: string) => imported.get(name);
  const run = new AsyncFunction('require', 'exports', 'console', `"use strict";${code}\n//# sourceURL=${fileName}`);
  await run(require, {}, console);
}

/** The line of the example that an error of its run or its syntax points to, if any does. */
export function lineOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // Sucrase: "Error transforming example.ts: ... (3:12)"
  const syntax = /\((\d+):\d+\)/.exec(error.message);
  if (error.name === 'SyntaxError' && syntax) return Number(syntax[1]);
  const place = /example\.ts:(\d+):\d+/.exec(error.stack ?? '');
  return place ? Number(place[1]) - linesBefore : undefined;
}
