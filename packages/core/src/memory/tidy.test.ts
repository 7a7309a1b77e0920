import { memory, ones } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError } from '../errors';
import { tidy } from './index';

beforeAll(async () => {
  await init();
});

test('using frees a tensor at the end of the block', () => {
  const before = memory().numTensors;
  {
    using x = ones([3]);
    expect(x.isDisposed).toBe(false);
    expect(memory().numTensors).toBe(before + 1);
  }
  expect(memory().numTensors).toBe(before);
});

test('tidy keeps what it returns', () => {
  const before = memory().numTensors;
  const kept = tidy(() => {
    ones([2]);
    return { a: ones([1]), b: [ones([1])] };
  });
  expect(memory().numTensors).toBe(before + 2);
  kept.a.dispose();
  kept.b[0]!.dispose();
});

test('tidy refuses an asynchronous function and says what to do', async () => {
  const before = memory().numTensors;
  const wrong = async () => {
    const x = ones([2]);
    await Promise.resolve();
    x.dataSync();
  };
  // @ts-expect-error a promise is no tensor: the compiler refuses it too
  expect(() => tidy(wrong)).toThrow(ConfigError);
  // @ts-expect-error as above
  expect(() => tidy(wrong)).toThrow(/asynchronous[\s\S]*hint.*await first/);
  await new Promise((resolve) => setTimeout(resolve)); // no unhandled rejection comes after
  expect(memory().numTensors).toBe(before);
});
