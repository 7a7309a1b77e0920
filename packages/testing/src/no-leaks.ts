import { memory, trackLeaks } from '@dl/core';
import { expect } from 'vitest';

/**
 * Expects that a function leaves as many tensors and bytes behind as it found. Where it does not, the message tells the lines
 * that made the tensors.
 *
 * @returns what the function returns
 */
export function expectNoLeaks<T>(f: () => T): T {
  const before = memory();
  using tracker = trackLeaks({ report: () => undefined });
  const result = f();
  const after = memory();
  if (after.numTensors !== before.numTensors || after.numBytes !== before.numBytes) {
    const lines = tracker.held().map(({ place, count }) => `  ${count} x ${place}`);
    expect.fail(
      `left behind: ${after.numTensors - before.numTensors} tensor(s), ${after.numBytes - before.numBytes} bytes, made at\n${lines.join('\n')}`,
    );
  }
  return result;
}
