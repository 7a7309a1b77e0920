import { ConfigError, type NamedShape, type Shape, ShapeError } from '@dl/core';
import { reshape, type Tensor, tidy } from '@dl/core/ops';
import { kernelSpan } from '../geometry/output-size';
import { type Conv2dOptions, convolvedShape, convolveImage } from './conv-2d';

/** Padding of a sequence: as in two dimensions, or `causal`: in front only, so that no output sees a later input. */
export type Padding1d = 'valid' | 'same' | 'causal' | number | readonly [before: number, after: number];

/** Options of `conv1d`. */
export interface Conv1dOptions extends Omit<Conv2dOptions, 'stride' | 'dilation' | 'padding'> {
  /** Steps from one window to the next. @default 1 */
  stride?: number;
  /** Steps from one tap of the kernel to the next. @default 1 */
  dilation?: number;
  /** What is added to the ends. @default 'valid': nothing */
  padding?: Padding1d;
}

/**
 * One-dimensional convolution: `y[t,o] = act(b[o] + sum over k, c of x[t s + k d - p, c] W[k,c,o])`. PyTorch's `F.conv1d`,
 * with channels last.
 *
 * @param x [batch, time, in]
 * @param weight [kernel, in / groups, out]
 * @param bias [out]
 * @returns [batch, outTime, out], the size by `outputSize`
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv1dOptions = {}): Tensor {
  return convolveSequence('conv1d', x, weight, bias, options);
}

/** `conv1d` under the name of who calls it. */
export function convolveSequence(
  where: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: Conv1dOptions,
): Tensor {
  const image = asImage(where, x.shape, weight.shape, options);
  const wide = widened(where, weight.shape, options);
  return ofSequence(x.shape, weight.shape, () =>
    tidy(() => {
      const y = convolveImage(where, reshape(x, image), reshape(weight, [1, ...weight.shape]), bias, wide);
      return reshape(y, [y.shape[0], y.shape[2]!, y.shape[3]!]);
    }),
  );
}

/** The shape of the output of `conv1d`, all with the batch axis. */
export function convolvedSequenceShape(where: string, x: Shape, weight: Shape, options: Conv1dOptions): Shape {
  const image = asImage(where, x, weight, options);
  const wide = widened(where, weight, options);
  const [batch, , time, out] = ofSequence(x, weight, () => convolvedShape(where, image, [1, ...weight], wide));
  return [batch!, time!, out!];
}

function shown(x: Shape, weight: Shape): NamedShape[] {
  return [
    { label: 'input', shape: x, axes: ['batch', 'time', 'channels'] },
    { label: 'weight', shape: weight, axes: ['kernel', 'in', 'out'] },
  ];
}

/** Lets a shape error speak of the sequence, and not of the image of one row that is computed with. */
function ofSequence<T>(x: Shape, weight: Shape, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const problem = error.problem.replace('columns', 'steps');
    throw new ShapeError(error.where, problem, shown(x, weight), error.hint);
  }
}

/** A sequence as an image of one row. */
function asImage(where: string, x: Shape, weight: Shape, { groups = 1 }: Conv1dOptions): number[] {
  if (x.length !== 3 || weight.length !== 3) {
    throw new ShapeError(
      where,
      `the input has ${x.length} axes with the batch, [batch, time, channels] is needed`,
      shown(x, weight),
      x.length === 2 ? `a single sequence needs a batch axis in front: [1, ${x.join(', ')}]` : undefined,
    );
  }
  const [batch, time, channels] = x as [number, number, number];
  const expected = weight[1]! * groups;
  if (time === expected && channels !== expected) {
    throw new ShapeError(
      where,
      `the input has ${channels} channels, the weight expects ${expected}`,
      shown(x, weight),
      `axis 1 has ${time}: channels go last here, transpose the input: transpose(x, [0, 2, 1])`,
    );
  }
  return [batch, 1, time, channels];
}

/** The options for an image of one row. */
export function widened(where: string, weight: Shape, options: Conv1dOptions): Conv2dOptions {
  const { stride = 1, dilation = 1, padding = 'valid', ...rest } = options;
  const wide = { ...rest, stride: [1, stride], dilation: [1, dilation] } as const;
  if (padding === 'valid' || padding === 'same') return { ...wide, padding };
  if (padding === 'causal') return { ...wide, padding: [0, 0, kernelSpan(weight[0]!, dilation) - 1, 0] };
  if (typeof padding === 'number') return { ...wide, padding: [0, 0, padding, padding] };
  if (Array.isArray(padding) && padding.length === 2) return { ...wide, padding: [0, 0, padding[0], padding[1]] };
  throw new ConfigError(
    where,
    `padding is ${JSON.stringify(padding)}`,
    "it can be 'valid', 'same', 'causal', an integer of at least 0 or [before, after]",
  );
}
