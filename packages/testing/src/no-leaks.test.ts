import { init, tidy } from '@dl/core';
import { ones } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { expectNoLeaks } from './no-leaks';

beforeAll(async () => {
  await init();
});

test('what is freed is no leak, and the result is handed on', () => {
  expect(
    expectNoLeaks(() => {
      ones([2]).dispose();
      return tidy(() => ones([3]).size);
    }),
  ).toBe(3);
});

test('a leak is reported with the number of tensors and the line', () => {
  const held = () => ones([4]);
  let leaked: ReturnType<typeof held> | undefined;
  const message = (() => {
    try {
      expectNoLeaks(() => {
        leaked = held();
      });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was reported';
  })();
  expect(message).toMatch(/^left behind: 1 tensor\(s\), 16 bytes, made at\n {2}1 x .*no-leaks\.test\.ts/);
  leaked?.dispose();
});
