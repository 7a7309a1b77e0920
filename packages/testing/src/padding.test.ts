import { init } from '@dl/core';
import { tensor, tidy } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { withOtherPadding } from './padding';

beforeAll(async () => {
  await init();
});

const lengths = [2, 1];

test('padding of numbers changes, what is kept does not', () => {
  tidy(() => {
    const x = tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]);
    const { other, kept } = withOtherPadding(x, { train: false, lengths });
    expect([...other.dataSync()]).toEqual([1, 2, 7, 4, 7, 7]);
    expect([...kept(x).dataSync()]).toEqual([1, 2, 0, 4, 0, 0]);
  });
});

test('padding of indices becomes other indices that occur', () => {
  tidy(() => {
    const x = tensor([1, 2, 0, 4, 0, 3], [2, 3], 'int32');
    const mask = tensor([1, 1, 0, 1, 0, 0], [2, 3]);
    const { other, kept } = withOtherPadding(x, { train: false, mask });
    expect([...other.dataSync()]).toEqual([1, 2, 4, 4, 4, 1]);
    expect(other.dtype).toBe('int32');
    const last = tensor([1, 2], [2, 1]);
    expect(kept(last)).toBe(last); // no time axis
  });
});
