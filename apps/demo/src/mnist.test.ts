import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mnistFolder, readMnist } from './mnist';

test('the package brings the MNIST that everybody else has', async () => {
  const sums = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map(async (name) =>
    createHash('md5')
      .update(await readFile(join(mnistFolder(), `${name}-ubyte`)))
      .digest('hex'),
  );
  expect(await Promise.all(sums)).toEqual([
    '6bbc9ace898e44ae57da46a324031adb',
    'a25bea736e30d166cdddb491f175f624',
    '2646ac647ad5339dbf082846283269ea',
    '27ae3e4e09519cfbb04c329615203637',
  ]);
  const { train, test: held } = await readMnist();
  expect([train.size, held.size]).toEqual([60_000, 10_000]);
});
