import { type DataType, Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { formatShape } from '../errors';
import { checkShape, plural } from './checks';
import { EVAL } from './context';
import { intercept, type ModuleCall } from './intercept';
import { Module, type Shape } from './module';
import { Param } from './param';

/** How a model is summed up. */
export interface SummaryOptions<In> {
  /** The shape of one example, without the batch axis; or an input, where the model takes other things than one tensor. */
  input: Shape | In;
  /**
   * What the input made from a shape holds: `int32` for models that begin with an embedding.
   * @default 'float32'
   */
  dtype?: DataType;
}

/** One module of a model. */
export interface SummaryRow {
  /** Dotted path from the root; empty for the root. */
  path: string;
  type: string;
  /** Shape of what it gives for one example, without the batch axis; several outputs by name. Undefined if it did not run. */
  output: Shape | Readonly<Record<string, Shape>> | undefined;
  /** Parameters of its own, without those of the modules below it. */
  parameters: number;
  /** Bytes of its own parameters and buffers. */
  bytes: number;
  /**
   * Bytes of its output for one example, and of what it keeps beside that (`Module.keptBytes`), which training needs for
   * the backward pass; 0 for modules made of others.
   */
  activationBytes: number;
}

/** What a model is made of; prints as a table. */
export interface Summary {
  /** Every module below the root, in the order of the fields, or the root alone where it has none. */
  rows: readonly SummaryRow[];
  /** Number of learnt values. */
  parameters: number;
  /** Those of them that training changes. */
  trainable: number;
  /** Bytes of all parameters and buffers. */
  bytes: number;
  /** Bytes of all outputs for one example: what a batch of one keeps in training, at least. */
  activationBytes: number;
  /** The table. */
  toString(): string;
}

/**
 * Sums a model up: layers, output shapes, parameters and memory. Runs the model once, on one example.
 *
 * @example
 * ```ts
 * console.log(summary(model, { input: [28, 28, 1] }).toString());
 * ```
 */
export function summary<In, Out>(model: Module<In, Out>, options: SummaryOptions<In>): Summary {
  const outputs = outputsOf(model, options);
  const all = [...model.modules()];
  const inside = all.filter(([path]) => path !== '');
  const shown = inside.length > 0 ? inside : all;
  const counted = new Set<unknown>(); // shared parameters count where they come first
  const rows = shown.map(([path, module]): SummaryRow => {
    let parameters = 0;
    let bytes = 0;
    let leaf = true;
    for (const [, member] of module.members()) {
      if (member instanceof Module) leaf = false;
      else if (!counted.has(member)) {
        counted.add(member);
        bytes += bytesOf(member.size, member.dtype);
        if (member instanceof Param) parameters += member.size;
      }
    }
    const { made, kept } = outputs.get(module) ?? { made: {}, kept: 0 };
    const shapes = Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, tensor.shape]));
    return {
      path,
      type: module.constructor.name,
      output: Object.keys(made).length === 0 ? undefined : (shapes[''] ?? shapes),
      parameters,
      bytes,
      activationBytes: leaf ? sum(Object.values(made), (tensor) => bytesOf(tensor.size, tensor.dtype)) + kept : 0,
    };
  });
  const params = [...model.parameters().values()];
  const result = {
    rows,
    parameters: sum(params, (param) => param.size),
    trainable: sum(params, (param) => (param.trainable ? param.size : 0)),
    bytes: sum([...model.stateDict().values()], (tensor) => bytesOf(tensor.size, tensor.dtype)),
    activationBytes: sum(rows, (row) => row.activationBytes),
  };
  return { ...result, toString: () => table(result) };
}

/** An output: its shape for one example, and what it takes. */
interface Output {
  shape: Shape;
  size: number;
  dtype: DataType;
}

/** What a module gave, and the bytes that it keeps beside that. */
interface Made {
  made: Record<string, Output>;
  kept: number;
}

/** What every module gives when the model runs on one example. */
function outputsOf<In, Out>(model: Module<In, Out>, options: SummaryOptions<In>): Map<unknown, Made> {
  const outputs = new Map<unknown, Made>();
  const watch = ({ module, input, forward }: ModuleCall) => {
    const result = forward();
    const kept = input instanceof Tensor ? (module.keptBytes?.((input as Tensor).shape.slice(1)) ?? 0) : 0;
    outputs.set(module, { made: tensorsOf(result), kept });
    return result;
  };
  tidy(() => {
    intercept(model, watch, () => void model.forward(exampleOf(options), EVAL));
  });
  return outputs;
}

function exampleOf<In>({ input, dtype }: SummaryOptions<In>): In {
  if (!isShape(input)) return input;
  checkShape({ where: 'summary' }, 'input', input);
  return zeros([1, ...input], dtype ?? 'float32') as In;
}

function isShape(input: unknown): input is Shape {
  return Array.isArray(input) && input.every((size) => typeof size === 'number');
}

function tensorsOf(result: unknown): Record<string, Output> {
  const named: object = result instanceof Tensor ? { '': result } : typeof result === 'object' ? (result ?? {}) : {};
  const entries = Object.entries(named).filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
  return Object.fromEntries(
    entries.map(([name, { shape, size, dtype }]) => [name, { shape: shape.slice(1), size, dtype }]),
  );
}

function table(summary: Omit<Summary, 'toString'>): string {
  const head = ['layer', 'type', 'output', 'parameters', 'memory', 'activations'];
  const rows = summary.rows.map((row) => [
    row.path,
    row.type,
    shapeText(row.output),
    row.parameters === 0 ? '' : row.parameters.toLocaleString('en'),
    row.bytes === 0 ? '' : sizeText(row.bytes),
    row.activationBytes === 0 ? '' : sizeText(row.activationBytes),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((a, b) => a + b + 2, -2));
  const { parameters, trainable, bytes, activationBytes } = summary;
  const frozen = parameters - trainable;
  return [
    line(head),
    rule,
    ...rows.map(line),
    rule,
    `${plural(parameters, 'parameter', 'parameters').replace(/^\d+/, parameters.toLocaleString('en'))}` +
      `${frozen > 0 ? ` (${frozen.toLocaleString('en')} frozen)` : ''}, ${sizeText(bytes)}; ` +
      `${sizeText(activationBytes)} of activations per example in training`,
  ].join('\n');
}

function shapeText(output: SummaryRow['output']): string {
  if (output === undefined) return 'not run';
  if (Array.isArray(output)) return formatShape(output as Shape);
  return Object.entries(output)
    .map(([name, shape]: [string, Shape]) => `${name} ${formatShape(shape)}`)
    .join(', ');
}

function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

function bytesOf(size: number, dtype: DataType): number {
  return size * (dtype === 'bool' ? 1 : dtype === 'complex64' ? 8 : 4);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
