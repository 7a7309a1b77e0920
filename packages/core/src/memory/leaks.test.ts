import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memory, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { init } from '../backend/init';
import { type Leak, trackLeaks } from './leaks';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Lets the garbage collector run and its callbacks come. */
async function collected(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeAll(async () => {
  await init();
});

function forget(count: number): void {
  for (let i = 0; i < count; i++) ones([16, 4]);
}

test('lost tensors are reported with the line that made them, and freed', async () => {
  const leaks: Leak[] = [];
  const before = memory();
  using tracker = trackLeaks({ report: (leak) => leaks.push(leak) });
  forget(50);
  expect(memory().numTensors).toBe(before.numTensors + 50);
  expect(tracker.held()[0]).toMatchObject({ count: 50 });
  await collected();
  expect(leaks).toHaveLength(50);
  expect(leaks[0]).toMatchObject({ shape: [16, 4], dtype: 'float32' });
  for (const leak of leaks) expect(leak.place).toMatch(/^forget .*leaks\.test\.ts:\d+:\d+\)$/);
  expect(memory().numTensors).toBe(before.numTensors);
  expect(memory().numBytes).toBe(before.numBytes);
  expect(tracker.held()).toEqual([]);
});

test('tensors that are held, disposed of or tidied are not', async () => {
  const report = vi.fn();
  using tracker = trackLeaks({ report });
  const held: Tensor[] = [ones([2])];
  ones([3]).dispose();
  tidy(() => {
    ones([4]);
  });
  await collected();
  expect(report).not.toHaveBeenCalled();
  expect(tracker.held()).toMatchObject([{ count: 1 }]);
  held[0]!.dispose();
  expect(tracker.held()).toEqual([]);
});

test('the console is warned once a line', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const tracker = trackLeaks();
  forget(3);
  await collected();
  tracker.stop();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]![0]).toMatch(/float32 \[16, 4\].*\n {2}forget .*leaks\.test\.ts/);
  warn.mockRestore();
});

test('a stopped tracker leaves no trace in the engine', () => {
  const report = vi.fn();
  const tracker = trackLeaks({ report });
  const other = trackLeaks({ report });
  tracker.stop();
  tracker.stop();
  other.stop();
  const before = memory().numTensors;
  const x = ones([1]);
  expect(memory().numTensors).toBe(before + 1);
  x.dispose();
  expect(memory().numTensors).toBe(before);
  expect(report).not.toHaveBeenCalled();
});

test('init({ leaks: true }) tracks', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await init({ leaks: true });
  forget(1);
  await collected();
  expect(warn).toHaveBeenCalledTimes(1);
  await init({ leaks: false });
  forget(1);
  await collected();
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});
