import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory, mul, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, FormatError } from '../errors';
import { Module } from '../nn/module';
import { Buffer, Param } from '../nn/param';
import { readSafetensorsFile, saveSafetensors } from './files';
import { loadModel, saveModel } from './model-files';

class Scale extends Module {
  readonly weight: Param;
  readonly steps = new Buffer(tensor([3], [1], 'int32'));
  constructor(weight: number[]) {
    super();
    this.weight = new Param(tensor(weight));
  }
  forward(x: Tensor): Tensor {
    return mul(x, this.weight.value);
  }
  outputShape(input: readonly number[]): readonly number[] {
    return input;
  }
}

let folder: string;
beforeAll(async () => {
  await init();
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a model comes back from a file, and nothing is left behind', async () => {
  const before = memory().numTensors;
  const path = join(folder, 'model.safetensors');
  const saved = new Scale([1, 2.5]);
  await saveModel(saved, path, { metadata: { epoch: '3' } });
  expect((await readSafetensorsFile(path)).metadata.get('epoch')).toBe('3');
  const loaded = new Scale([0, 0]);
  expect(await loadModel(loaded, path)).toEqual({ missing: [], unexpected: [] });
  expect([...loaded.weight.value.dataSync()]).toEqual([1, 2.5]);
  await loadModel(loaded, new Blob([await readFile(path)]));
  await expect(loadModel(new Scale([0, 0, 0]), await readFile(path))).rejects.toThrow(ConfigError);
  saved.dispose();
  loaded.dispose();
  expect(memory().numTensors).toBe(before + 2); // those of the misshapen model
});

test('half precision halves the file', async () => {
  const path = join(folder, 'half.safetensors');
  const model = new Scale(Array.from({ length: 1000 }, (_, i) => i / 7));
  await saveModel(model, path, { float: 'BF16' });
  expect((await readFile(path)).length).toBeLessThan(2300);
  const loaded = new Scale(new Array<number>(1000).fill(0));
  await loadModel(loaded, path);
  for (const [i, value] of loaded.weight.value.dataSync().entries()) {
    expect(Math.abs(value - i / 7)).toBeLessThanOrEqual(i / 7 / 256);
  }
  model.dispose();
  loaded.dispose();
});

test('a failed write leaves the file of before, and no other', async () => {
  const path = join(folder, 'kept.safetensors');
  await writeFile(path, 'before');
  const names = await readdir(folder);
  await expect(saveSafetensors(join(path, 'inside'), new Map())).rejects.toThrow();
  await expect(saveSafetensors(path, new Map([['x', { dtype: 'U8', shape: [1], data: [-1] }]]))).rejects.toThrow(
    ConfigError,
  );
  expect(await readFile(path, 'utf8')).toBe('before');
  await expect(readSafetensorsFile(path)).rejects.toThrow(FormatError);
  await saveSafetensors(path, new Map());
  expect((await readSafetensorsFile(path)).tensors.size).toBe(0);
  expect(await readdir(folder)).toEqual(names);
});
