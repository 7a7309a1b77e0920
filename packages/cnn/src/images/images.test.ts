import { ConfigError, fit, key, type Shape, ShapeError } from '@dl/core';
import { Dataset, disposeBatch } from '@dl/core/data';
import { crossEntropy } from '@dl/core/losses';
import { dropout, flatten, linear, sequential } from '@dl/core/nn';
import { ones, tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { expectClose, expectNoLeaks, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { augment, augmentImages } from './augment';
import { cutout } from './cutout';
import type { ImageBatch, ImageTransform } from './image-batch';
import { randomCrop } from './random-crop';
import { randomFlip } from './random-flip';
import { randomRotation } from './random-rotation';
import { randomShift } from './random-shift';

/** Images of distinct numbers, all above 0. */
function numbered(...shape: [number, number, number, number]): ImageBatch {
  const size = shape.reduce((a, b) => a * b, 1);
  return { data: Float32Array.from({ length: size }, (_, i) => i + 1), shape };
}

/** The pixel of an image, 0 outside. */
function pixel({ data, shape: [, height, width, channels] }: ImageBatch, n: number, row: number, column: number) {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  const at = ((n * height + row) * width + column) * channels;
  return inside ? [...data.subarray(at, at + channels)] : new Array<number>(channels).fill(0);
}

/** By how much a numbered image was moved, by a pixel that is left of it. */
function movedBy(result: ImageBatch, source: ImageBatch, n: number): [rows: number, columns: number] {
  const [, height, width, channels] = source.shape;
  const [, outHeight, outWidth] = result.shape;
  for (let row = 0; row < outHeight; row++) {
    for (let column = 0; column < outWidth; column++) {
      const [value] = pixel(result, n, row, column);
      if (value === 0) continue;
      const at = (value! - 1) / channels - n * height * width;
      return [row - Math.floor(at / width), column - (at % width)];
    }
  }
  throw new Error('nothing is left of the image');
}

const transforms: [string, ImageTransform][] = [
  ['randomShift', randomShift({ pixels: [2, 1] })],
  ['randomFlip', randomFlip()],
  ['randomFlip, vertical', randomFlip({ axis: 'vertical' })],
  ['randomRotation', randomRotation({ degrees: 30 })],
  ['randomCrop', randomCrop({ size: [4, 3], padding: 1 })],
  ['cutout', cutout({ size: 2 })],
];

test.each(transforms)(
  '%s: the same key gives the same images, another key others; the source stays',
  (_, transform) => {
    const images = numbered(20, 5, 6, 2);
    const before = images.data.slice();
    const first = transform(images, key(3));
    expect(transform(images, key(3))).toEqual(first);
    expect(transform(images, key(4)).data).not.toEqual(first.data);
    expect(images.data).toEqual(before);
    expect(first.data).toHaveLength(first.shape.reduce((a, b) => a * b, 1));
    // Each image is changed by itself.
    const one = { data: images.data.subarray(0, 60), shape: [1, 5, 6, 2] as const };
    expect(transform(one, key(3)).shape.slice(1)).toEqual(first.shape.slice(1));
  },
);

test('a shift moves every pixel alike, and reaches every distance', () => {
  const images = numbered(200, 5, 6, 2);
  const result = randomShift({ pixels: [2, 1] })(images, key(0));
  const seen = new Set<string>();
  for (let n = 0; n < 200; n++) {
    const [rows, columns] = movedBy(result, images, n);
    seen.add(`${rows},${columns}`);
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 6; column++) {
        expect(pixel(result, n, row, column)).toEqual(pixel(images, n, row - rows, column - columns));
      }
    }
  }
  expect(seen.size).toBe(15); // -2 to 2 rows, -1 to 1 columns
  expect(randomShift({ pixels: 0 })(images, key(0)).data).toEqual(images.data);
  const filled = randomShift({ pixels: [0, 9], fill: -1 })(numbered(50, 1, 2, 1), key(0));
  expect(filled.data).toContain(-1);
  expect(filled.data).not.toContain(0);
});

test('a crop is a piece of the padded image', () => {
  const images = numbered(300, 4, 5, 1);
  const result = randomCrop({ size: [3, 4], padding: [1, 0] })(images, key(0));
  expect(result.shape).toEqual([300, 3, 4, 1]);
  const seen = new Set<string>();
  for (let n = 0; n < 300; n++) {
    const [rows, columns] = movedBy(result, images, n);
    seen.add(`${-rows},${-columns}`);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 4; column++) {
        expect(pixel(result, n, row, column)).toEqual(pixel(images, n, row - rows, column - columns));
      }
    }
  }
  expect([...seen].sort()).toEqual(['-1,0', '-1,1', '0,0', '0,1', '1,0', '1,1', '2,0', '2,1']);
  expect(randomCrop({ padding: 1 })(images, key(0)).shape).toEqual(images.shape);
});

test('a flip mirrors about half of the images', () => {
  const images = numbered(100, 3, 4, 2);
  for (const axis of ['horizontal', 'vertical'] as const) {
    const result = randomFlip({ axis })(images, key(0));
    let flipped = 0;
    for (let n = 0; n < 100; n++) {
      const flips = pixel(result, n, 0, 0)[0] !== pixel(images, n, 0, 0)[0];
      if (flips) flipped++;
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 4; column++) {
          const [fromRow, fromColumn] = axis === 'vertical' ? [2 - row, column] : [row, 3 - column];
          const expected = flips ? pixel(images, n, fromRow, fromColumn) : pixel(images, n, row, column);
          expect(pixel(result, n, row, column)).toEqual(expected);
        }
      }
    }
    expect(flipped).toBeGreaterThan(30);
    expect(flipped).toBeLessThan(70);
    expect(randomFlip({ axis, probability: 0 })(images, key(0)).data).toEqual(images.data);
    const twice = randomFlip({ axis, probability: 1 })(randomFlip({ axis, probability: 1 })(images, key(0)), key(1));
    expect(twice.data).toEqual(images.data);
  }
});

test('a rotation turns about the centre, by an angle within its range', () => {
  // A ramp is turned into a ramp: inside, its slope tells the angle.
  const size = 9;
  const ramp = {
    data: Float32Array.from({ length: 50 * size * size }, (_, i) => (i % size) - 4),
    shape: [50, size, size, 1] as const,
  };
  const angles = new Set<number>();
  const result = randomRotation({ degrees: 60 })(ramp, key(0));
  for (let n = 0; n < 50; n++) {
    const [middle, right, below] = [pixel(result, n, 4, 4), pixel(result, n, 4, 5), pixel(result, n, 5, 4)];
    expect(middle[0]).toBeCloseTo(0, 5);
    const [across, down] = [right[0]!, below[0]!];
    expect(across ** 2 + down ** 2).toBeCloseTo(1, 5);
    expect(pixel(result, n, 6, 2)[0]).toBeCloseTo(2 * down - 2 * across, 4);
    const angle = (Math.atan2(down, across) * 180) / Math.PI;
    expect(Math.abs(angle)).toBeLessThan(60);
    angles.add(Math.round(angle));
  }
  expect(angles.size).toBeGreaterThan(20);
  expect(Math.min(...angles)).toBeLessThan(-30);
  expect(Math.max(...angles)).toBeGreaterThan(30);
  expect(randomRotation({ degrees: 0 })(ramp, key(0)).data).toEqual(ramp.data);
  const [corner] = pixel(randomRotation({ degrees: 180, fill: 9 })(ramp, key(2)), 0, 0, 0);
  expect(corner).toBeGreaterThan(4); // beyond the ramp: the filling
});

test('a cutout covers one rectangle, part of which may lie outside', () => {
  const images = numbered(200, 5, 6, 2);
  const result = cutout({ size: [2, 3], fill: -1 })(images, key(0));
  const sizes = new Set<number>();
  for (let n = 0; n < 200; n++) {
    const holes: [number, number][] = [];
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 6; column++) {
        const values = pixel(result, n, row, column);
        if (values[0] === -1) holes.push([row, column]);
        else expect(values).toEqual(pixel(images, n, row, column));
      }
    }
    const rows = holes.map(([row]) => row);
    const columns = holes.map(([, column]) => column);
    const area = (Math.max(...rows) - Math.min(...rows) + 1) * (Math.max(...columns) - Math.min(...columns) + 1);
    expect(holes.length).toBe(area);
    sizes.add(area);
  }
  expect([...sizes].sort()).toEqual([1, 2, 3, 4, 6].filter((size) => sizes.has(size)));
  expect(sizes.has(6)).toBe(true);
  expect(sizes.size).toBeGreaterThan(1);
});

test('bad options are refused', () => {
  for (const make of [
    () => randomShift({ pixels: -1 }),
    () => randomShift({ pixels: 1.5 }),
    () => randomShift({ pixels: 1, fill: Number.NaN }),
    () => randomFlip({ axis: 'diagonal' as 'vertical' }),
    () => randomFlip({ probability: 1.5 }),
    () => randomRotation({ degrees: -10 }),
    () => randomRotation({ degrees: Number.NaN }),
    () => randomCrop({}),
    () => randomCrop({ size: 0 }),
    () => cutout({ size: [2, 0] }),
  ]) {
    expect(make).toThrow(ConfigError);
  }
  expect(() => randomCrop({ size: 9, padding: 1 })(numbered(2, 5, 6, 1), key(0))).toThrow(
    /a piece of 9 x 9 pixels is larger than the padded image/,
  );
});

onBackends(['wasm', 'cpu'], () => {
  test('a tensor of images is changed by one transform after the other', () => {
    const images = numbered(6, 5, 6, 2);
    const [shift, flip] = [randomShift({ pixels: 2 }), randomFlip()];
    expectNoLeaks(() => {
      using x = tensor(images.data, [...images.shape]);
      using y = augmentImages(x, [shift, flip], key(1));
      const expected = flip(shift(images, key(1).fold(0)), key(1).fold(1));
      expectClose(y, { shape: expected.shape, data: expected.data }, 0);
    });
  });

  test('what are no images is refused', () => {
    for (const shape of [
      [5, 6],
      [5, 6, 2],
    ] as Shape[]) {
      using x = ones([...shape]);
      expect(() => augmentImages(x, [randomFlip()], key(0))).toThrow(ShapeError);
    }
    using bytes = ones([1, 2, 2, 1], 'int32');
    expect(() => augmentImages(bytes, [], key(0))).toThrow(/augment: the images hold int32, float32 is needed/);
  });
});

onBackends(['wasm'], () => {
  const pictures = () => {
    const x = { data: key(9).uniform(40 * 36), shape: [40, 6, 6, 1] };
    return Dataset.fromArrays({ x, y: Int32Array.from({ length: 40 }, (_, i) => i % 2) });
  };
  const changes = [randomShift({ pixels: 1 }), randomRotation({ degrees: 15 }), randomFlip(), cutout({ size: 2 })];

  test('batches differ from epoch to epoch, and an epoch from batch 2 on is the same as from its start', async () => {
    const batches = pictures()
      .batch(10)
      .map(augment(key(1), changes));
    const read = async (epoch: number, skip = 0) => {
      const values: number[][] = [];
      for await (const batch of batches.batches(epoch, skip)) {
        values.push([...batch.x.dataSync()]);
        expect(batch.y.shape).toEqual([10]);
        disposeBatch(batch);
      }
      return values;
    };
    const first = await read(0);
    expect(await read(0)).toEqual(first);
    expect(await read(0, 2)).toEqual(first.slice(2));
    expect(await read(1)).not.toEqual(first);
  });

  test('a training that is resumed gives the same weights, bit for bit', async () => {
    const start = () => {
      const model = sequential({ input: [6, 6, 1], key: key(0) }, [
        flatten(),
        dropout({ rate: 0.2 }),
        linear({ out: 2 }),
      ]);
      const optimizer = adam({ lr: 0.05 });
      const data = pictures()
        .shuffle(key(2))
        .batch(10)
        .map(augment(key(1), changes));
      return { model, optimizer, options: { data, loss: crossEntropy, optimizer, epochs: 3, key: key(4) } };
    };
    const whole = start();
    await fit(whole.model, whole.options).finish();

    const interrupted = start();
    const run = fit(interrupted.model, interrupted.options);
    for await (const step of run.steps()) if (step.index === 5) break; // in the middle of the second epoch
    const resumed = start();
    await fit(resumed.model, { ...resumed.options, resume: run.state() }).finish();

    for (const [name, value] of whole.model.stateDict()) {
      expectClose(resumed.model.stateDict().get(name)!, value, 0, name);
    }
    for (const { model, optimizer } of [whole, interrupted, resumed]) {
      model.dispose();
      optimizer.dispose();
    }
  });
});
