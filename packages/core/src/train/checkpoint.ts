import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { ConfigError, FormatError } from '../errors';
import type { SafetensorsFile } from '../io';
import { OPTIMIZER_PREFIX, TRAINING_NOTES } from '../io/checkpoint-names';
import type { Module } from '../nn/module';
import type { Optimizer } from '../optim/optimizer';
import type { Key } from '../random';
import type { EpochRecord } from './history';

/** Where a training stands. */
export interface Position {
  /** Optimizer steps taken. */
  step: number;
  /** The epoch it is in, from 0. */
  epoch: number;
  /** Batches of this epoch whose gradients have been spent. */
  batch: number;
  /** Sum over the examples of this epoch of their losses. */
  lossSum: number;
  examples: number;
}

/** What else a checkpoint holds; JSON, in the metadata of the file. */
interface Notes {
  version: 1;
  position: Position;
  history: EpochRecord[];
  key: readonly [number, number] | null;
  optimizer: { name: string; scalars: Record<string, number> };
}

/**
 * What a checkpoint holds. The model's tensors have their own names, so that whatever loads weights can read the file.
 */
export function checkpointOf<In, Out>(
  model: Module<In, Out>,
  optimizer: Optimizer,
  key: Key | undefined,
  position: Position,
  history: readonly EpochRecord[],
): { tensors: Map<string, Tensor>; metadata: Record<string, string> } {
  const tensors = model.stateDict();
  for (const [name, tensor] of optimizer.state()) tensors.set(OPTIMIZER_PREFIX + name, tensor);
  const notes: Notes = {
    version: 1,
    position,
    history: [...history],
    key: key?.words ?? null,
    optimizer: { name: optimizer.name, scalars: optimizer.scalars() },
  };
  return { tensors, metadata: { [TRAINING_NOTES]: JSON.stringify(notes, (_, value: unknown) => fromNumber(value)) } };
}

/**
 * Puts model and optimizer where a checkpoint says, and says where in the data training goes on.
 *
 * @throws FormatError for a file that is no checkpoint, ConfigError for one of another model, optimizer or key; nothing
 *   is changed then
 */
export function restoreCheckpoint<In, Out>(
  { tensors, metadata }: SafetensorsFile,
  model: Module<In, Out>,
  optimizer: Optimizer,
  key: Key | undefined,
): { position: Position; history: EpochRecord[] } {
  const notes = readNotes(metadata.get(TRAINING_NOTES));
  if (notes.optimizer.name !== optimizer.name) {
    throw new ConfigError(
      'fit',
      `the checkpoint was made with the optimizer ${notes.optimizer.name}, this is ${optimizer.name}`,
      'to take the weights alone, load the file with loadModel and leave resume out',
    );
  }
  if (String(key?.words) !== String(notes.key ?? undefined)) {
    throw new ConfigError('fit', 'the checkpoint was made with another key', 'give fit the key that it was given then');
  }
  const own = model.stateDict();
  const before = new Map([...own].map(([name, tensor]) => [name, tidy(() => tensor.clone())]));
  const weights = new Map<string, Tensor>();
  const state = new Map<string, Tensor>();
  try {
    for (const [name, stored] of tensors) {
      if (name.startsWith(OPTIMIZER_PREFIX) && !own.has(name))
        state.set(name.slice(OPTIMIZER_PREFIX.length), stored.tensor());
      else weights.set(name, stored.tensor());
    }
    model.loadStateDict(weights);
    try {
      optimizer.restore(state, notes.optimizer.scalars);
    } catch (error) {
      model.loadStateDict(before);
      throw error;
    }
    return { position: notes.position, history: notes.history };
  } finally {
    for (const map of [before, weights, state]) for (const tensor of map.values()) tensor.dispose();
  }
}

function readNotes(text: string | undefined): Notes {
  if (text === undefined) {
    throw new FormatError('the file holds weights, but no training to go on with: it was not written by a run');
  }
  let notes: Partial<Notes> | null;
  try {
    notes = JSON.parse(text, (_, value: unknown) => toNumber(value)) as Partial<Notes> | null;
  } catch {
    throw new FormatError('the checkpoint is damaged: what it notes of the training is no JSON');
  }
  if (notes?.version !== 1) {
    throw new FormatError(`the checkpoint has the version ${notes?.version}, this release reads version 1`);
  }
  const { position, optimizer, history, key } = notes;
  const counts = [position?.step, position?.epoch, position?.batch, position?.examples];
  const isWhole =
    counts.every((count) => Number.isInteger(count) && count! >= 0) &&
    typeof position?.lossSum === 'number' &&
    typeof optimizer?.name === 'string' &&
    typeof optimizer.scalars === 'object' &&
    Object.values(optimizer.scalars ?? {}).every((value) => typeof value === 'number') &&
    Array.isArray(history) &&
    (key === null || (Array.isArray(key) && key.length === 2));
  if (!isWhole) throw new FormatError('the checkpoint is damaged: what it notes of the training is not whole');
  return notes as Notes;
}

// JSON has no NaN and no Infinity, but schedules and metrics may.
const NOT_FINITE: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

function fromNumber(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' ? (NOT_FINITE[value] ?? value) : value;
}
