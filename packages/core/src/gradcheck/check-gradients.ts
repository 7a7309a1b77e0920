import { addN, grads, mul, type Scalar, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { key } from '../random';
import { GradientReport, type InputCheck } from './gradient-report';

/** What a function under test may give. */
export type Outputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Options of `checkGradients`. */
export interface CheckGradientsOptions {
  /** Largest relative error that counts as agreement, beyond the noise of float32. @default 5e-3 */
  tolerance?: number;
  /**
   * Largest step of the differences, for elements beyond 1 in size as a share of them. Smaller ones are tried down to
   * 1/64 of it: near a kink, or where the function curves much.
   * @default 0.02
   */
  eps?: number;
  /** Elements checked of each input, spread evenly. @default all */
  maxElements?: number;
}

/** Steps tried: eps, eps / 4, eps / 16, eps / 64. */
const SHRINK = 4;
const TRIES = 4;
/** Rounding errors of float32, in units of the output, that a difference is granted. */
const NOISE = 8 * 2 ** -24;

/**
 * Compares the gradients that back-propagation gives with numerical ones, element by element.
 *
 * Outputs of any shape are weighed with fixed random numbers and summed. A numerical value is a central difference, or
 * what two of different step extrapolate to (Richardson); the one that agrees best counts. Finds a wrong sign, and a
 * factor of 1.01, in float32.
 *
 * @param f the function, of one tensor, of several, or of tensors by name; it must be deterministic
 * @param inputs where to check; tensors other than float32 are passed on and not differentiated. They stay yours.
 * @returns a report: `ok`, the `worst` element, and a table by `toString()`
 * @throws ConfigError where `f` gives other values the second time, or nothing can be differentiated
 *
 * @example
 * ```ts
 * import { checkGradients, init } from '@dl/core';
 * import { sigmoid, tensor } from '@dl/core/ops';
 *
 * await init();
 * const report = checkGradients(sigmoid, tensor([-1, 0, 2]));
 * console.log(report.toString()); // a table: every input with its worst element, both values, and the error
 * ```
 */
export function checkGradients(
  f: (x: Tensor) => Outputs,
  inputs: Tensor,
  options?: CheckGradientsOptions,
): GradientReport;
export function checkGradients(
  f: (...inputs: Tensor[]) => Outputs,
  inputs: readonly Tensor[],
  options?: CheckGradientsOptions,
): GradientReport;
export function checkGradients<I extends Readonly<Record<string, Tensor>>>(
  f: (inputs: I) => Outputs,
  inputs: I,
  options?: CheckGradientsOptions,
): GradientReport;
export function checkGradients(
  f: ((x: Tensor) => Outputs) | ((...inputs: Tensor[]) => Outputs) | ((inputs: never) => Outputs),
  inputs: Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>,
  options: CheckGradientsOptions = {},
): GradientReport {
  const { tolerance = 5e-3, eps = 0.02, maxElements = Infinity } = options;
  const given: readonly Tensor[] = isTensor(inputs) ? [inputs] : Object.values(inputs as Record<string, Tensor>);
  const names = isTensor(inputs) ? ['x'] : Object.keys(inputs);
  const named = !isTensor(inputs) && !Array.isArray(inputs);
  const call = f as (...args: unknown[]) => Outputs;
  const run = (tensors: readonly Tensor[]): Tensor[] => {
    const outputs = named ? call(Object.fromEntries(names.map((name, i) => [name, tensors[i]]))) : call(...tensors);
    const list = isTensor(outputs) ? [outputs] : Object.values(outputs as Record<string, Tensor>);
    return list.filter(({ dtype }) => dtype === 'float32');
  };
  const differentiated = given.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []));

  const at = valuesOf(() => run(given));
  const again = valuesOf(() => run(given));
  if (at.some((values, k) => values.some((value, j) => !Object.is(value, again[k]![j])))) {
    throw new ConfigError(
      'checkGradients',
      'the function gives other values the second time',
      'give it a fixed key, or switch off what is random in it',
    );
  }
  if (differentiated.length === 0 || at.length === 0) {
    throw new ConfigError('checkGradients', 'there is no float32 input or no float32 output to differentiate');
  }
  const weights = at.map((values, k) => cotangent(k, values.length));
  const analytic = valuesOf(() => {
    const loss = (...floats: Tensor[]): Scalar => {
      const tensors = [...given];
      for (const [k, i] of differentiated.entries()) tensors[i] = floats[k]!;
      return addN(run(tensors).map((y, k) => sum<Scalar>(mul(y, tensor(weights[k]!, y.shape)))));
    };
    return grads(loss)(differentiated.map((i) => given[i]!));
  });

  const checks = differentiated.map((i, k): InputCheck => {
    const values = given[i]!.dataSync<'float32'>().slice();
    const difference = (element: number, h: number): Estimate => {
      const x = values[element]!;
      const [high, low] = [x + h, x - h].map((moved) => {
        values[element] = moved;
        const place = values[element];
        const tensors = [...given];
        const outputs = valuesOf(() => {
          tensors[i] = tensor(values.slice(), given[i]!.shape);
          return run(tensors);
        });
        values[element] = x;
        return { place, outputs };
      }) as [Side, Side];
      return slope(high, low, weights);
    };
    const count = Math.min(values.length, maxElements);
    const elements = Array.from({ length: count }, (_, n) => {
      const element = Math.floor((n * values.length) / count);
      const h = eps * Math.max(1, Math.abs(values[element]!));
      return { element, ...agreement(analytic[k]![element]!, (share) => difference(element, h * share), tolerance) };
    });
    return { name: names[i]!, shape: given[i]!.shape, elements };
  });
  return new GradientReport(checks, tolerance);
}

/** A numerical derivative, and how far rounding may have put it off. */
interface Estimate {
  value: number;
  noise: number;
}

interface Side {
  place: number;
  outputs: Float32Array[];
}

/** The weighed difference of the outputs, in float64, over that of the places. */
function slope(high: Side, low: Side, weights: readonly Float32Array[]): Estimate {
  const width = high.place - low.place;
  let [difference, squares] = [0, 0];
  for (const [k, weight] of weights.entries()) {
    const [a, b] = [high.outputs[k]!, low.outputs[k]!];
    for (let j = 0; j < weight.length; j++) {
      if (a[j] === b[j]) continue; // outputs that do not depend on the element make no noise
      difference += weight[j]! * (a[j]! - b[j]!);
      squares += (weight[j]! * Math.max(Math.abs(a[j]!), Math.abs(b[j]!))) ** 2;
    }
  }
  return { value: difference / width, noise: (2 * NOISE * Math.sqrt(squares)) / width };
}

/** The estimate that agrees best with the analytic derivative; smaller steps are tried only while none does. */
function agreement(analytic: number, at: (share: number) => Estimate, tolerance: number) {
  let best = { analytic, numerical: Number.NaN, error: Infinity };
  const consider = ({ value, noise }: Estimate) => {
    const beyond = Math.abs(analytic - value) - noise;
    const error = beyond <= 0 ? 0 : beyond / Math.max(Math.abs(analytic), Math.abs(value));
    if (error < best.error || Number.isNaN(best.numerical)) {
      best = { analytic, numerical: value, error: Number.isNaN(error) ? Infinity : error };
    }
  };
  let wider: Estimate | undefined;
  for (let n = 0; n < TRIES && best.error > tolerance; n++) {
    const estimate = at(SHRINK ** -n);
    consider(estimate);
    if (wider !== undefined) {
      // The error of a central difference falls with the square of the step: take it out.
      const gain = SHRINK ** 2;
      consider({
        value: (gain * estimate.value - wider.value) / (gain - 1),
        noise: (gain * estimate.noise + wider.noise) / (gain - 1),
      });
    }
    wider = estimate;
  }
  return best;
}

/** Fixed random weights of an output, none of them small. */
function cotangent(output: number, size: number): Float32Array {
  return key(0)
    .fold(output)
    .uniform(size, { min: -1, max: 1 })
    .map((u) => u + Math.sign(u) * 0.5);
}

function valuesOf(f: () => Tensor[]): Float32Array[] {
  const values: Float32Array[] = [];
  tidy(() => {
    for (const output of f()) values.push(output.dataSync<'float32'>().slice());
  });
  return values;
}

function isTensor(value: object): value is Tensor {
  return 'dataId' in value;
}
