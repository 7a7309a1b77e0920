import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { FormatError } from '../errors';
import { disposeBatch } from './batched-dataset';
import { readIdx } from './idx';
import { mnist } from './mnist';

beforeAll(async () => {
  await init();
});

function idx(type: number, shape: number[], elements: ArrayLike<number>): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...Array.from(elements)]);
}

const images = (count: number) =>
  idx(
    8,
    [count, 28, 28],
    Uint8Array.from({ length: count * 784 }, (_, i) => i % 256),
  );
const labels = (count: number) =>
  idx(
    8,
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );

describe('readIdx', () => {
  test('reads every type', () => {
    expect(readIdx(idx(8, [2, 1], [7, 255]))).toEqual({ data: Uint8Array.of(7, 255), shape: [2, 1] });
    expect(readIdx(idx(9, [2], [7, 255])).data).toEqual(Int8Array.of(7, -1));
    expect(readIdx(idx(11, [1], [255, 254])).data).toEqual(Int16Array.of(-2));
    expect(readIdx(idx(12, [1], [0, 0, 1, 2])).data).toEqual(Int32Array.of(258));
    expect(readIdx(idx(13, [1], [0x3f, 0x80, 0, 0])).data).toEqual(Float32Array.of(1));
    expect(readIdx(idx(14, [1], [0x3f, 0xf0, 0, 0, 0, 0, 0, 0])).data).toEqual(Float64Array.of(1));
    expect(readIdx(idx(8, [0, 28], [])).data).toHaveLength(0);
    const inside = new Uint8Array([9, 9, ...idx(12, [1], [0, 0, 0, 5])]).subarray(2); // not at a multiple of 4
    expect(readIdx(inside).data).toEqual(Int32Array.of(5));
  });

  test('every shortened or lengthened file is refused', () => {
    const file = idx(11, [2, 2], [0, 1, 0, 2, 0, 3, 0, 4]);
    for (let length = 0; length < file.length; length++) {
      expect(() => readIdx(file.subarray(0, length))).toThrow(FormatError);
    }
    expect(() => readIdx(Uint8Array.from([...file, 0]))).toThrow('takes 20 bytes; the file has 21');
  });

  test('sizes are believed only where the bytes are there', () => {
    expect(() => readIdx(idx(14, [0xffffffff, 0xffffffff, 0xffffffff], [1]))).toThrow('the file has 17');
    expect(() => readIdx(idx(10, [1], [1]))).toThrow('starts with 00 00 0a 01');
    expect(() => readIdx(new TextEncoder().encode('<!doctype html>'), 'labels')).toThrow('labels: starts with 3c 21');
  });
});

describe('mnist', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mnist-'));
    await writeFile(join(folder, 'train-images-idx3-ubyte'), images(5));
    await writeFile(join(folder, 'train-labels.idx1-ubyte'), labels(5));
    await writeFile(join(folder, 't10k-images-idx3-ubyte.gz'), gzipSync(images(3)));
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), labels(3));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('reads a folder, raw and packed', async () => {
    const { train, test } = await mnist({ folder });
    expect([train.size, test.size]).toEqual([5, 3]);
    const { x, y } = await test.first(2);
    expect([x.shape, x.dtype, y.dtype]).toEqual([[2, 28, 28, 1], 'float32', 'int32']);
    expect([...x.dataSync().subarray(0, 256)]).toEqual([...Float32Array.from({ length: 256 }, (_, i) => i / 255)]);
    expect([...y.dataSync()]).toEqual([0, 1]);
    disposeBatch({ x, y });
  });

  test('reads addresses', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else response.end(request.url === '/i' ? gzipSync(images(2)) : labels(2));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
      const urls = { trainImages: at('i'), trainLabels: at('l'), testImages: at('i'), testLabels: at('l') };
      const { train } = await mnist({ urls });
      expect(train.size).toBe(2);
      await expect(mnist({ urls: { ...urls, testLabels: at('gone') } })).rejects.toThrow('answers 404');
    } finally {
      server.close();
    }
  });

  test.each([
    ['train-images-idx3-ubyte', images(4), '5 labels for 4 images'],
    ['train-images-idx3-ubyte', idx(8, [5, 2, 2], new Uint8Array(20)), '2 x 2, expected 28 x 28'],
    ['train-images-idx3-ubyte', labels(5), 'where images were expected'],
    ['train-labels.idx1-ubyte', idx(8, [5], [0, 1, 10, 2, 3]), 'label 2 is 10'],
    ['t10k-images-idx3-ubyte.gz', gzipSync(images(3)).subarray(0, 60), 'the gzip data is damaged'],
    ['t10k-labels-idx1-ubyte', labels(3).subarray(0, 9), 'takes 11 bytes'],
  ])('a faulty %s is refused: %#', async (file, bytes, message) => {
    await writeFile(join(folder, file), bytes);
    const reading = mnist({ folder });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(FormatError);
  });

  test('a missing file is named', async () => {
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    await expect(mnist({ folder })).rejects.toThrow('holds none of t10k-labels-idx1-ubyte');
  });
});
