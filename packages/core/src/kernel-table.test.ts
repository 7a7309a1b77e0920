import { getGradient } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import './backend/gradients';
import './losses';
import './nn';
import { overrides } from './backend/overrides';
import { definedOps } from './ops';
import './optim';

/** The page docs/kernels.md, from what is registered. `pnpm run kernels:docs` writes it anew. */
function page(): string {
  const ops = [...definedOps()].sort((a, b) => compare(a.name, b.name));
  const replaced = [...overrides].sort((a, b) => compare(a.name, b.name));
  return `# Kernels of @dl/core

Written by \`pnpm run kernels:docs\` from the sources; a test fails when it is stale.

## Ops

Each has a forward and a backward rule. With a SIMD kernel it runs as one call on the backend \`wasm\`; composed, and on any
other backend, it runs as operations of tfjs. The composed form is what the kernel is tested against.

${table(
  ['op', 'forward on wasm', 'gradient on wasm', 'error'],
  ops.map(({ name, kernel, backwardKernel, error }) => [
    name,
    kernel ? 'SIMD kernel' : 'composed',
    backwardKernel ? 'SIMD kernel' : 'composed',
    error ?? '',
  ]),
)}

## Kernels of tfjs that are replaced

Registered under tfjs's name on the backend \`wasm\`, so that every tfjs program in the process runs on them. _missing_:
tfjs has none; _wrong_: tfjs's gives wrong results; _slow_: it takes several times as long. Types of number that ours do
not handle go to tfjs's own kernel. The gradient is the one registered for the kernel, if any; kernels that only occur
inside gradients have none.

${table(
  ['kernel', 'why', 'gradient', 'error'],
  replaced.map(({ name, reason, error }) => [name, reason, getGradient(name) ? 'yes' : 'no', error]),
)}
`;
}

/** A table with its columns aligned, as the formatter would have it. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

test('docs/kernels.md is up to date', async () => {
  await expect(page()).toMatchFileSnapshot('../docs/kernels.md');
});
