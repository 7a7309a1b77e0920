import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, DtypeError, type NamedShape, ShapeError } from '../errors';
import type { Shape } from './module';

/** Who is checked: a module, or anything that errors can name. Its name is only asked for when a check fails. */
export interface Checked {
  readonly where: string;
}

const AXES: readonly (readonly string[])[] = [
  [],
  ['batch'],
  ['batch', 'features'],
  ['batch', 'time', 'features'],
  ['batch', 'height', 'width', 'channels'],
  ['batch', 'depth', 'height', 'width', 'channels'],
];

/** The names of the axes of an input of this rank, batch first and channels last; empty for unusual ranks. */
export function inputAxes(rank: number): readonly string[] {
  return AXES[rank] ?? [];
}

/** An input as an error shows it: a batch, with the batch axis, or one example, without. */
export function shownInput(shape: Shape, kind: 'batch' | 'example'): NamedShape {
  const axes = kind === 'batch' ? inputAxes(shape.length) : inputAxes(shape.length + 1).slice(1);
  return { label: 'input', shape, axes };
}

/** An option must be a positive integer: a size, a count. */
export function checkSize(layer: Checked, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new ConfigError(layer.where, `${option} must be a positive integer, it is ${shown(value)}`);
}

/** An option must be a list of positive integers. */
export function checkShape(layer: Checked, option: string, value: readonly number[]): void {
  const right = Array.isArray(value) && value.length > 0 && value.every((n) => Number.isSafeInteger(n) && n > 0);
  if (!right) throw new ConfigError(layer.where, `${option} must be positive integers, it is ${shown(value)}`);
}

/** An option must be a finite number, within these bounds (the upper one excluded if `below` is given). */
export function checkNumber(
  layer: Checked,
  option: string,
  value: number,
  { min = -Infinity, max = Infinity, below = Infinity }: { min?: number; max?: number; below?: number } = {},
): void {
  if (Number.isFinite(value) && value >= min && value <= max && (value < below || below === Infinity)) return;
  const bounds = [
    min > -Infinity ? `at least ${min}` : '',
    max < Infinity ? `at most ${max}` : '',
    below < Infinity ? `less than ${below}` : '',
  ].filter((bound) => bound !== '');
  const wanted = bounds.length > 0 ? `a number of ${bounds.join(' and ')}` : 'a finite number';
  throw new ConfigError(layer.where, `${option} must be ${wanted}, it is ${shown(value)}`);
}

/** The input must have so many axes, the batch axis among them for a batch. */
export function checkRank(
  layer: Checked,
  shape: Shape,
  kind: 'batch' | 'example',
  least: number,
  most = Infinity,
): void {
  const rank = shape.length + (kind === 'batch' ? 0 : 1);
  if (rank >= least && rank <= most) return;
  const wanted = least === most ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;
  throw new ShapeError(
    layer.where,
    `the input has ${plural(rank, 'axis', 'axes')} with the batch, the layer expects ${wanted}`,
    [shownInput(shape, kind)],
    least === rank + 1 && kind === 'batch'
      ? `a single example needs a batch axis in front: [1${shape.map((size) => `, ${size}`).join('')}]`
      : `the layer expects [${inputAxes(least).join(', ')}]`,
  );
}

/** What the last axis of an input must be. */
export interface LastAxis {
  size: number;
  /** What the axis counts: `features`, `channels`. */
  axis: string;
  /** The option of the layer that set the size: `in`. */
  option: string;
  /** The tensor of the layer that wants the size, to print. */
  weight?: NamedShape | undefined;
}

/** The last axis of the input must have the size the layer was made for. */
export function checkLastAxis(layer: Checked, shape: Shape, kind: 'batch' | 'example', want: LastAxis): void {
  const size = shape[shape.length - 1];
  if (size === want.size && (kind === 'example' || shape.length > 1)) return;
  checkRank(layer, shape, kind, 2);
  const { axis, option, weight } = want;
  const input = shownInput(shape, kind);
  const axes = [...(input.axes ?? [])];
  if (axes.length > 0) axes[axes.length - 1] = axis;
  const channelsFirst = shape.length > 2 && shape[kind === 'batch' ? 1 : 0] === want.size;
  throw new ShapeError(
    layer.where,
    `the input has ${size} ${axis}, the ${weight ? weight.label : 'layer'} expects ${want.size}`,
    [{ ...input, axes }, ...(weight ? [weight] : [])],
    channelsFirst
      ? `axis ${kind === 'batch' ? 1 : 0} has ${want.size}: the ${axis} go last here, transpose the input`
      : `set ${option}: ${size}, or give the layer ${want.size} ${axis}`,
  );
}

/** The place, from the front, of an axis counted from the end; the batch axis is none. */
export function checkAxis(layer: Checked, shape: Shape, kind: 'batch' | 'example', axis: number): number {
  const place = shape.length + axis;
  if (Number.isInteger(axis) && axis < 0 && place >= (kind === 'batch' ? 1 : 0)) return place;
  if (!Number.isInteger(axis) || axis >= 0) {
    throw new ConfigError(layer.where, `axis must be a negative integer, counted from the end, it is ${shown(axis)}`);
  }
  throw new ShapeError(layer.where, `the input has no axis ${axis} behind the batch`, [shownInput(shape, kind)]);
}

/** The layer computes with fractions. */
export function checkFloat(layer: Checked, x: Tensor): void {
  if (x.dtype === 'float32') return;
  throw new DtypeError(`${layer.where}: the input holds ${x.dtype}, the layer computes in float32: cast(x, 'float32')`);
}

/** `1 axis`, `3 axes`. */
export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** An option as an error shows it, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return JSON.stringify(value) ?? typeof value;
}
