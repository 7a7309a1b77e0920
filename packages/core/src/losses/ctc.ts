import { div, maximum, mean, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import { expectFloat } from '../ops/checks';
import { defineOp } from '../ops/define-op';
import { defineLoss, type LossOptions, reduce } from './loss';

/** Options of `ctc`. */
export interface CtcOptions extends LossOptions {
  /** The class that stands for no label. @default 0 */
  blank?: number | undefined;
  /** The steps of each prediction that count. @default all */
  inputLengths?: readonly number[] | Tensor | undefined;
  /** The labels of each target that count. @default all */
  targetLengths?: readonly number[] | Tensor | undefined;
  /** Makes an impossible loss (a target longer than its prediction) and its gradient 0. @default false */
  zeroInfinity?: boolean | undefined;
}

interface Alignment {
  labels: Int32Array;
  labelStride: number;
  inputLengths: readonly number[];
  targetLengths: readonly number[];
  blank: number;
  zeroInfinity: boolean;
}

const op = defineOp({
  name: 'ctc',
  forward: ({ logP }: { logP: Tensor }, alignment: Alignment) => {
    const values = logP.dataSync() as Float32Array;
    const losses = alignment.inputLengths.map((steps, b) => {
      const example = exampleOf(values, logP.shape, alignment, b);
      const { alpha, states } = forwardPass(example, steps);
      const loss = -totalOf(alpha, steps, states);
      return alignment.zeroInfinity && loss === Number.POSITIVE_INFINITY ? 0 : loss;
    });
    return tensor(losses, [losses.length], 'float32');
  },
  backward: ({ logP, dy }, alignment) => ({
    logP: () => {
      const values = logP.dataSync() as Float32Array;
      const upstream = dy.dataSync();
      const gradient = new Float32Array(logP.size);
      const size = logP.shape[1]! * logP.shape[2]!;
      for (const [b, steps] of alignment.inputLengths.entries()) {
        const example = exampleOf(values, logP.shape, alignment, b);
        addGradient(example, steps, alignment.zeroInfinity, upstream[b]!, gradient.subarray(b * size, (b + 1) * size));
      }
      return tensor(gradient, logP.shape);
    },
  }),
  saves: ['logP'],
});

/** One prediction and the path of classes it is compared with: blank, label, blank, label, ..., blank. */
interface Example {
  logP: Float32Array;
  classes: number;
  path: number[];
}

function exampleOf(values: Float32Array, shape: number[], alignment: Alignment, b: number): Example {
  const [, time, classes] = shape as [number, number, number];
  const { labels, labelStride, targetLengths, blank } = alignment;
  const path = [blank];
  for (let i = 0; i < targetLengths[b]!; i++) path.push(labels[b * labelStride + i]!, blank);
  return { logP: values.subarray(b * time * classes, (b + 1) * time * classes), classes, path };
}

/** ln(e^a + e^b), where -Infinity is no chance at all. */
function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}

/** alpha[t, s]: the logarithm of the chance of all beginnings of the path that end in state s at step t. */
function forwardPass({ logP, classes, path }: Example, steps: number): { alpha: Float64Array; states: number } {
  const states = path.length;
  const alpha = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  if (steps === 0) return { alpha, states };
  for (let s = 0; s < Math.min(2, states); s++) alpha[s] = logP[path[s]!]!;
  for (let t = 1; t < steps; t++) {
    const before = (t - 1) * states;
    for (let s = 0; s < states; s++) {
      let sum = alpha[before + s]!;
      if (s > 0) sum = logAdd(sum, alpha[before + s - 1]!);
      // A blank may be left out between two different labels.
      if (s > 1 && path[s] !== path[s - 2]) sum = logAdd(sum, alpha[before + s - 2]!);
      alpha[t * states + s] = sum + logP[t * classes + path[s]!]!;
    }
  }
  return { alpha, states };
}

/** beta[t, s]: the same of all endings that begin in state s at step t. */
function backwardPass({ logP, classes, path }: Example, steps: number): Float64Array {
  const states = path.length;
  const beta = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  const last = (steps - 1) * states;
  for (let s = Math.max(0, states - 2); s < states; s++) beta[last + s] = logP[(steps - 1) * classes + path[s]!]!;
  for (let t = steps - 2; t >= 0; t--) {
    const after = (t + 1) * states;
    for (let s = states - 1; s >= 0; s--) {
      let sum = beta[after + s]!;
      if (s + 1 < states) sum = logAdd(sum, beta[after + s + 1]!);
      if (s + 2 < states && path[s] !== path[s + 2]) sum = logAdd(sum, beta[after + s + 2]!);
      beta[t * states + s] = sum + logP[t * classes + path[s]!]!;
    }
  }
  return beta;
}

/** ln P of the target: the path ends in its last label or in the blank after it. */
function totalOf(alpha: Float64Array, steps: number, states: number): number {
  if (steps === 0) return states === 1 ? 0 : Number.NEGATIVE_INFINITY;
  const last = steps * states - 1;
  return states === 1 ? alpha[last]! : logAdd(alpha[last]!, alpha[last - 1]!);
}

/** Adds upstream * (e^logP - chance that the path is at this class at this step). */
function addGradient(
  example: Example,
  steps: number,
  zeroInfinity: boolean,
  upstream: number,
  into: Float32Array,
): void {
  const { logP, classes, path } = example;
  const { alpha, states } = forwardPass(example, steps);
  const total = totalOf(alpha, steps, states);
  if (zeroInfinity && total === Number.NEGATIVE_INFINITY) return;
  const beta = backwardPass(example, steps);
  const through = new Float64Array(classes);
  for (let t = 0; t < steps; t++) {
    through.fill(Number.NEGATIVE_INFINITY);
    for (let s = 0; s < states; s++) {
      const c = path[s]!;
      through[c] = logAdd(through[c]!, alpha[t * states + s]! + beta[t * states + s]!);
    }
    for (let c = 0; c < classes; c++) {
      const at = logP[t * classes + c]!;
      // alpha and beta both hold the step's own chance
      const posterior =
        through[c] === Number.NEGATIVE_INFINITY && total > Number.NEGATIVE_INFINITY
          ? 0
          : Math.exp(through[c]! - total - at);
      into[t * classes + c] = upstream * (Math.exp(at) - posterior);
    }
  }
}

/**
 * Connectionist temporal classification: `-ln` of the chance that the prediction, read with repeats joined and blanks left
 * out, spells the target, summed over every alignment. Graves et al. 2006, PyTorch's `ctc_loss`, with the batch axis first.
 *
 * Chances of beginnings (alpha) and endings (beta) of the path blank, label, blank, ..., blank are computed in logarithms
 * and float64. The gradient is `e^prediction - posterior`, the chance of the class less the chance that the path is there:
 * PyTorch's convention, which is the gradient by the scores under a `logSoftmax`, and right for predictions made by one.
 * The reduction `mean` divides each loss by the length of its target first.
 *
 * @param prediction logarithms of probabilities, [batch, time, classes], float32
 * @param target labels, [batch, labels]; what lies beyond `targetLengths` is not read
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes fit
 * @throws ConfigError where a length or a label is out of its range, or a label is the blank
 */
export const ctc = defineLoss<CtcOptions>('ctc', (prediction, target, options) => {
  const { reduction = 'mean', blank = 0, zeroInfinity = false } = options;
  expectFloat('ctc', 'prediction', prediction);
  if (prediction.rank !== 3 || target.rank !== 2 || prediction.shape[0] !== target.shape[0]) {
    throw new ShapeError('ctc', 'the prediction must be [batch, time, classes], the target [batch, labels]', [
      { label: 'prediction', shape: prediction.shape },
      { label: 'target', shape: target.shape },
    ]);
  }
  const [batch, time, classes] = prediction.shape as [number, number, number];
  const [, labelStride] = target.shape as [number, number];
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes)) {
    throw new ConfigError('ctc', `blank is ${blank}, it must be from 0 to ${classes - 1}`);
  }
  const inputLengths = lengthsOf('inputLengths', options.inputLengths, batch, time);
  const targetLengths = lengthsOf('targetLengths', options.targetLengths, batch, labelStride);
  const labels = Int32Array.from(target.dataSync());
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < targetLengths[b]!; i++) {
      const label = labels[b * labelStride + i]!;
      if (label < 0 || label >= classes || label === blank) {
        throw new ConfigError(
          'ctc',
          `label ${i} of target ${b} is ${label}, it must be from 0 to ${classes - 1} and not the blank, ${blank}`,
          'padding lies beyond targetLengths',
        );
      }
    }
  }
  const losses = op({ logP: prediction }, { labels, labelStride, inputLengths, targetLengths, blank, zeroInfinity }); // [batch]
  if (reduction !== 'mean') return reduce('ctc', losses, reduction);
  return mean(div(losses, maximum(tensor([...targetLengths], [batch], 'float32'), 1)));
});

function lengthsOf(
  option: string,
  given: readonly number[] | Tensor | undefined,
  batch: number,
  most: number,
): readonly number[] {
  if (given === undefined) return Array<number>(batch).fill(most);
  const lengths = 'dataSync' in given ? [...given.dataSync()] : given;
  if (lengths.length !== batch) {
    throw new ConfigError('ctc', `${option} has ${lengths.length} lengths for a batch of ${batch}`);
  }
  const bad = lengths.findIndex((length) => !(Number.isInteger(length) && length >= 0 && length <= most));
  if (bad >= 0) throw new ConfigError('ctc', `${option} ${bad} is ${lengths[bad]}, it must be from 0 to ${most}`);
  return lengths;
}
