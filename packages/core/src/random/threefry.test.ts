import { engine } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Heap } from '../backend/heap';
import { init } from '../backend/init';
import { kernels } from '../backend/kernels';
import { threefry2x32, threefryBits } from './threefry';

beforeAll(async () => {
  await init();
});

// kat_vectors of Random123: threefry2x32, 20 rounds.
test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
] as const)('the published vector of key %j', (key, counter, words) => {
  expect(threefry2x32(key[0], key[1], counter[0], counter[1])).toEqual(words);
});

test('bulk words are those of the counters, one by one', () => {
  const words = threefryBits([7, 11], 9);
  expect(words).toHaveLength(9);
  for (let i = 0; i < 9; i++) expect(words[i]).toBe(threefry2x32(7, 11, i >>> 1, 0)[i & 1]);
});

test('the SIMD twin is equal bit by bit, and writes nothing past its end', () => {
  const heap = Heap.of(engine().backend);
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 70 }), (key0, key1, count) => {
      heap.scratch((count + 4) * 4, (address) => {
        heap.words(address, count + 4).fill(0xabcdef01);
        kernels.on(heap).threefryBits(key0, key1, address, count);
        const words = heap.words(address, count + 4);
        expect(words.slice(0, count)).toEqual(new Uint32Array(threefryBits([key0, key1], count)));
        expect([...words.slice(count)]).toEqual(Array(4).fill(0xabcdef01));
      });
    }),
    { numRuns: 60 },
  );
});
