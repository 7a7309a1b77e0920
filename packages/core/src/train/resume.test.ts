import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, FormatError } from '../errors';
import { decodeSafetensors, encodeSafetensors, loadModel } from '../io';
import { adam, type Optimizer, reduceOnPlateau, sgd } from '../optim';
import { key } from '../random';
import { fit } from './fit';
import type { FitOptions, Run } from './run';
import { Net, squares, waves } from './test-net';

type Batch = { x: Tensor; y: Tensor };

beforeAll(async () => {
  await init();
});

const folder = mkdtemp(join(tmpdir(), 'resume-'));
afterAll(async () => rm(await folder, { recursive: true }));

// Everything that could differ after an interruption: dropout, a new order every epoch, moments, a schedule.
const options = (): Omit<FitOptions<Tensor, Tensor, Batch>, 'optimizer'> & { optimizer: Optimizer } => ({
  data: waves(32), // 8 batches an epoch
  loss: squares,
  optimizer: adam({ lr: reduceOnPlateau({ lr: 0.01, patience: 0 }), clipNorm: 1 }),
  epochs: 3,
  key: key(5),
});
const newModel = () => new Net({ dropout: 0.3 });

async function trace(run: Run<Tensor, Tensor, Batch>, until = Infinity): Promise<number[]> {
  const losses: number[] = [];
  for await (const { index, loss } of run.steps()) {
    losses.push(loss);
    if (index + 1 === until) break;
  }
  return losses;
}

function bits(model: Net, optimizer: Optimizer): Record<string, number[]> {
  const tensors = [...model.stateDict(), ...optimizer.state()];
  return Object.fromEntries(tensors.map(([name, t]) => [name, [...new Uint32Array(t.dataSync().slice().buffer)]]));
}

let whole: { losses: number[]; bits: Record<string, number[]>; scalars: Record<string, number>; history: unknown };

beforeEach(async () => {
  const model = newModel();
  const { optimizer, ...rest } = options();
  const run = fit(model, { ...rest, optimizer });
  const losses = await trace(run);
  whole = { losses, bits: bits(model, optimizer), scalars: optimizer.scalars(), history: run.history };
  expect(losses).toHaveLength(24);
});

async function expectSameAsWhole(firstLosses: number[], resume: Uint8Array | string): Promise<void> {
  const model = new Net({ dropout: 0.3, seed: 99 }); // other weights: all must come from the checkpoint
  const { optimizer, ...rest } = options();
  const run = fit(model, { ...rest, optimizer, resume });
  const losses = [...firstLosses, ...(await trace(run))];
  expect(losses).toEqual(whole.losses);
  expect(bits(model, optimizer)).toEqual(whole.bits);
  expect(optimizer.scalars()).toEqual(whole.scalars);
  expect(run.history).toEqual(whole.history);
}

test.each([1, 5, 8, 13, 16, 24])('interrupted after %i steps, it goes on bit for bit', async (steps) => {
  const run = fit(newModel(), options());
  await expectSameAsWhole(await trace(run, steps), run.state());
});

test('interrupted between epochs, also', async () => {
  const run = fit(newModel(), options());
  const losses: number[] = [];
  run.on('step', ({ loss }) => losses.push(loss));
  for await (const { index } of run.epochs()) if (index === 1) break;
  expect(losses).toHaveLength(16);
  await expectSameAsWhole(losses, run.state());
});

test('interrupted by a signal, also', async () => {
  const control = new AbortController();
  const run = fit(newModel(), { ...options(), signal: control.signal });
  const losses: number[] = [];
  run.on('step', ({ index, loss }) => {
    losses.push(loss);
    if (index === 10) control.abort();
  });
  await expect(run.finish()).rejects.toMatchObject({ name: 'AbortError' });
  expect(losses).toHaveLength(11);
  await expectSameAsWhole(losses, run.state());
});

test('interrupted twice, through files that are written as training goes on', async () => {
  const path = join(await folder, 'auto.safetensors');
  const first = fit(newModel(), { ...options(), checkpoint: { path, steps: 5 } });
  const losses = (await trace(first, 12)).slice(0, 10); // the last two are lost
  const second = fit(newModel(), { ...options(), resume: path, checkpoint: { path } });
  let isOver = false;
  second.on('epoch', () => {
    isOver = true; // the file of this epoch has been written
  });
  for await (const { loss } of second.steps()) {
    if (isOver) break;
    losses.push(loss);
  }
  expect(losses).toHaveLength(16);
  await expectSameAsWhole(losses, path);
  expect((await readdir(await folder)).filter((name) => name.startsWith('auto'))).toEqual(['auto.safetensors']);
});

test('gradients being accumulated are not lost', async () => {
  const grouped = () => ({ ...options(), accumulate: 3 }); // 3 steps an epoch: 3, 3 and 2 batches
  const expected = await trace(fit(newModel(), grouped()));
  expect(expected).toHaveLength(9);
  const run = fit(newModel(), grouped());
  const losses = await trace(run, 4);
  losses.push(...(await trace(fit(newModel(), { ...grouped(), resume: run.state() }))));
  expect(losses).toEqual(expected);
});

test('a training that is over stays over', async () => {
  const run = fit(newModel(), options());
  const last = await run.finish();
  const again = fit(newModel(), { ...options(), resume: run.state() });
  expect(await again.finish()).toEqual(last);
  expect(again.step).toBe(24);
});

test('numbers that JSON lacks come back', async () => {
  const metric = { reset() {}, update() {}, result: () => Number.NEGATIVE_INFINITY };
  const run = fit(newModel(), options());
  const epochs = run.epochs({ metrics: { metric } });
  await epochs.next();
  await epochs.return();
  const again = fit(newModel(), { ...options(), resume: run.state() });
  expect(again.history[0]!.metrics).toEqual({ metric: Number.NEGATIVE_INFINITY });
});

test('the weights in it are for everybody', async () => {
  const model = newModel();
  const run = fit(model, options());
  await trace(run, 3);
  const names = [...decodeSafetensors(run.state()).tensors.keys()];
  expect(names).toEqual(expect.arrayContaining([...model.stateDict().keys()]));
  const other = new Net({ seed: 3 });
  await loadModel(other, run.state());
  expect(other.out.w.value.dataSync()).toEqual(model.out.w.value.dataSync());
});

test('what does not fit is refused, and nothing is changed', async () => {
  const run = fit(newModel(), options());
  await trace(run, 3);
  const state = run.state();
  const file = decodeSafetensors(state);
  const without = (name: string) => {
    const tensors = new Map([...file.tensors].filter(([key]) => !key.startsWith(name)));
    return encodeSafetensors(
      new Map([...tensors].map(([key, t]) => [key, { dtype: t.dtype, shape: t.shape, data: t.data() }])),
      file.metadata,
    );
  };
  const withNotes = (change: (notes: string) => string) =>
    encodeSafetensors(new Map(), new Map([...file.metadata].map(([key, text]) => [key, change(text)])));

  const model = newModel();
  const optimizer = adam({ lr: 0.01 });
  await fit(model, { ...options(), optimizer, epochs: 1 }).finish();
  const before = { bits: bits(model, optimizer), scalars: optimizer.scalars(), memory: memory().numTensors };
  const attempt = (resume: Uint8Array, changes: Partial<FitOptions<Tensor, Tensor, Batch>> = {}) =>
    expect(() => fit(model, { ...options(), optimizer, resume, ...changes }));

  attempt(without('out.w')).toThrow(/missing:\n {4}out\.w/);
  attempt(without('optim.adam.exp_avg_sq/out.w')).toThrow(/lacks adam\.exp_avg_sq\/out\.w/);
  attempt(state, { optimizer: sgd() }).toThrow(/made with the optimizer adam, this is sgd/);
  attempt(state, { key: key(6) }).toThrow(/made with another key/);
  attempt(state, { key: undefined }).toThrow(/made with another key/);
  attempt(encodeSafetensors(model.stateDict())).toThrow(/holds weights, but no training/);
  attempt(withNotes((text) => text.slice(1))).toThrow(/is no JSON/);
  attempt(withNotes((text) => text.replace('"version":1', '"version":2'))).toThrow(/has the version 2/);
  attempt(withNotes((text) => text.replace('"batch":3', '"batch":-3'))).toThrow(/not whole/);
  attempt(withNotes(() => 'null')).toThrow(FormatError);
  attempt(state.subarray(0, 100)).toThrow(FormatError);
  const small = new Net({ hidden: 4 });
  expect(() => fit(small, { ...options(), resume: state })).toThrow(/misshapen:\n {4}hidden\.w/);
  small.dispose();

  const path = join(await folder, 'other.safetensors');
  await run.save(path);
  await expect(fit(model, { ...options(), optimizer: sgd(), resume: path }).finish()).rejects.toThrow(ConfigError);

  expect({ bits: bits(model, optimizer), scalars: optimizer.scalars(), memory: memory().numTensors }).toEqual(before);
});
