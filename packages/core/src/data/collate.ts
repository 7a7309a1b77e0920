import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import {
  allocate,
  type BatchDtype,
  dtypeOf,
  type NdArray,
  type NestedNumbers,
  sizeOf,
  type TypedArray,
  toNdArray,
} from './nd-array';

/** What a batch of examples of type `T` is: numbers become tensors, strings lists, objects go field by field. */
export type Collated<T> = T extends number | boolean | TypedArray | NdArray | NestedNumbers
  ? Tensor
  : T extends string
    ? string[]
    : { [F in keyof T]: Collated<T[F]> };

/** The dtype of all numbers, or by field where the default (see `collate`) is not meant. */
export type Dtypes = BatchDtype | Readonly<Record<string, BatchDtype>>;

/** A batch before it becomes tensors: nothing is allocated in the backend until all of it is known to be right. */
type Stacked = { data: ReturnType<typeof allocate>; shape: number[]; dtype: BatchDtype };
type Tree = Stacked | string[] | { [field: string]: Tree };

/**
 * Stacks examples into a batch, with a new first axis. PyTorch's `default_collate`.
 *
 * Numbers and nested arrays become float32, booleans bool, typed arrays by their type (floats float32, integers int32);
 * `dtypes` says otherwise: `{ label: 'int32' }`.
 *
 * @throws ShapeError where the examples differ in shape
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { collate } from '@dl/core/data';
 *
 * await init();
 * const batch = collate([{ x: [1, 2], y: 0 }, { x: [3, 4], y: 1 }], { y: 'int32' });
 * batch.x.shape; // [2, 2]
 * batch.y.dtype; // 'int32'
 * ```
 */
export function collate<T>(examples: readonly T[], dtypes?: Dtypes): Collated<T> {
  return toTensors(stack(examples, dtypes, '')) as Collated<T>;
}

function stack(values: readonly unknown[], dtypes: Dtypes | undefined, field: string): Tree {
  const first = values[0];
  if (typeof first === 'string') return values as string[];
  if (toNdArray(first) === undefined) return eachField(values, dtypes, field, stack);

  const arrays = values.map((value, i) => numbers(value, i, field));
  const { shape } = arrays[0]!;
  const rowSize = sizeOf(shape);
  const dtype = chosenDtype(dtypes) ?? defaultDtype(first, arrays[0]!);
  const data = allocate(dtype, values.length * rowSize);
  for (const [i, array] of arrays.entries()) {
    if (array.shape.length !== shape.length || array.shape.some((size, axis) => size !== shape[axis])) {
      throw new ShapeError(
        `batch${named(field)}`,
        `example ${i} has another shape than example 0`,
        [
          { label: 'example 0', shape },
          { label: `example ${i}`, shape: array.shape },
        ],
        'sequences of different lengths are padded by batch(size, { collate: padCollate() })',
      );
    }
    data.set(array.data, i * rowSize);
  }
  return { data, shape: [values.length, ...shape], dtype };
}

/** Applies `f` to the values of every field of the examples, which are plain objects. */
export function eachField<R>(
  examples: readonly unknown[],
  dtypes: Dtypes | undefined,
  path: string,
  f: (values: readonly unknown[], dtypes: Dtypes | undefined, field: string) => R,
): Record<string, R> {
  const first = examples[0];
  if (typeof first !== 'object' || first === null || Object.getPrototypeOf(first) !== Object.prototype) {
    throw new ConfigError(
      `batch${named(path)}`,
      `examples of type ${first === null ? 'null' : (first?.constructor?.name ?? typeof first)} cannot be stacked`,
      'map them to numbers, typed arrays, { data, shape } or plain objects of these, or give a collate function of your own',
    );
  }
  return Object.fromEntries(
    Object.keys(first).map((name) => [
      name,
      f(
        examples.map((example) => (example as Record<string, unknown>)[name]),
        typeof dtypes === 'object' ? dtypes[name] : dtypes,
        path ? `${path}.${name}` : name,
      ),
    ]),
  );
}

/** The numbers of one example. */
export function numbers(value: unknown, i: number, field: string): NdArray {
  const array = toNdArray(value);
  if (array === undefined) {
    throw new ConfigError(`batch${named(field)}`, `example 0 holds numbers, example ${i} holds ${typeof value}`);
  }
  if (sizeOf(array.shape) !== array.data.length) {
    throw new ShapeError(`batch${named(field)}`, `example ${i}: the shape does not hold ${array.data.length} numbers`, [
      { label: `example ${i}`, shape: array.shape },
    ]);
  }
  return array;
}

/** The dtype that a value has by itself. */
export function defaultDtype(value: unknown, array: NdArray): BatchDtype {
  return typeof value === 'boolean' ? 'bool' : dtypeOf(array.data);
}

function chosenDtype(dtypes: Dtypes | undefined): BatchDtype | undefined {
  return typeof dtypes === 'string' ? dtypes : undefined;
}

function named(field: string): string {
  return field ? `, field '${field}'` : '';
}

function toTensors(tree: Tree): unknown {
  if (Array.isArray(tree)) return tree;
  if (isStacked(tree)) return tensor(tree.data, tree.shape, tree.dtype);
  return Object.fromEntries(Object.entries(tree).map(([field, part]) => [field, toTensors(part)]));
}

function isStacked(tree: Exclude<Tree, string[]>): tree is Stacked {
  return typeof tree.dtype === 'string';
}
