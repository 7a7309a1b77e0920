import { mkdir, writeFile } from 'node:fs/promises';
import { init, key } from '@dl/core';
import { type Digit, disposeBatch, type IndexedDataset } from '@dl/core/data';
import { readMnist } from '../../../demo/src/mnist.ts';

/** How many digits examples learn from and are tested on. */
const COUNTS = { train: 2_000, test: 500 } as const;

/**
 * Writes `digits-train.bin` and `digits-test.bin`: digits of MNIST, drawn at random from its training and its test part. A
 * file is the count (uint32, little-endian), a byte a label, then 784 bytes an image, row by row, 0 (paper) to 255 (ink).
 */
export async function build(target: URL): Promise<void> {
  await init();
  const mnist = await readMnist();
  await mkdir(target, { recursive: true });
  for (const part of ['train', 'test'] as const) {
    await writeFile(new URL(`digits-${part}.bin`, target), await encode(mnist[part], COUNTS[part]));
  }
}

async function encode(digits: IndexedDataset<Digit>, count: number): Promise<Uint8Array> {
  const file = new Uint8Array(4 + count * (1 + 784));
  new DataView(file.buffer).setUint32(0, count, true);
  for await (const batch of digits.shuffle(key(0)).take(count).batch(count)) {
    file.set(batch.y.dataSync(), 4);
    file.set(
      Uint8Array.from(batch.x.dataSync(), (grey) => Math.round(255 * grey)),
      4 + count,
    );
    disposeBatch(batch);
  }
  return file;
}
