import { addN, mul, scalar, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { inspect } from '../backend/tape';
import { formatShape, NumericsError } from '../errors';
import { intercept, type ModuleCall } from '../nn/intercept';
import type { Module } from '../nn/module';

/**
 * Says where a loss stopped being finite: in a parameter, in the batch, or in the first operation that made NaN or
 * Infinity out of finite numbers. Goes the way of the step once more to see it.
 *
 * @param step the step, from 0
 * @param forward computes the loss again
 */
export function explainLoss<In, Out>(
  loss: number,
  step: number,
  model: Module<In, Out>,
  batch: unknown,
  forward: () => unknown,
): NumericsError {
  const lines: string[] = [];
  for (const [name, tensor] of model.stateDict()) addFinding(lines, `parameter  ${name}`, tensor);
  if (lines.length > 0) {
    lines.push('hint       the step before made it so: a smaller learning rate, clipNorm, or checkFinite: "every"');
  } else {
    for (const [path, tensor] of namedTensors(batch)) addFinding(lines, `batch      ${path}`, tensor);
    if (lines.length > 0) lines.push('hint       clean or scale the data');
  }
  if (lines.length === 0) lines.push(...firstOps(model, forward));
  return new NumericsError([`step ${step}: the loss is ${loss}, nothing was updated`, ...lines].join('\n  '));
}

/**
 * Refuses a batch that holds NaN or Infinity, before anything is computed from it.
 *
 * @throws NumericsError naming its tensors
 */
export function requireFiniteBatch(batch: unknown, step: number): void {
  const tensors = new Map([...namedTensors(batch)].filter(([, { dtype }]) => dtype === 'float32'));
  if (areFinite(tensors.values())) return;
  const lines: string[] = [];
  for (const [path, tensor] of tensors) addFinding(lines, `batch      ${path}`, tensor);
  lines.push('hint       clean or scale the data');
  throw new NumericsError([`step ${step}: the batch is not finite; nothing was computed`, ...lines].join('\n  '));
}

/**
 * Refuses gradients that hold NaN or Infinity.
 *
 * @throws NumericsError naming the parameters
 */
export function requireFiniteGradients(grads: ReadonlyMap<string, Tensor>, loss: number, step: number): void {
  if (areFinite(grads.values())) return;
  const lines: string[] = [];
  for (const [name, grad] of grads) addFinding(lines, `gradient   ${name}`, grad);
  throw new NumericsError(
    [`step ${step}: the loss is ${loss}, but gradients are not finite; nothing was updated`, ...lines].join('\n  '),
  );
}

/** Whether all numbers are finite: 0 times a finite number is 0, times any other NaN. Exact, and one number to read. */
function areFinite(tensors: Iterable<Tensor>): boolean {
  const probe = tidy(() => {
    const probes = Array.from(tensors, (tensor) => sum(mul(tensor, 0)));
    return probes.length === 0 ? scalar(0) : addN(probes);
  });
  const finite = Number.isFinite(probe.dataSync()[0]);
  probe.dispose();
  return finite;
}

function firstOps<In, Out>(model: Module<In, Out>, forward: () => unknown): string[] {
  const lines: string[] = [];
  inspect((recorded) => {
    const spans = watchModules(model, () => recorded().length, forward);
    const at = (index: number) => {
      const inside = spans.filter(({ from, to }) => from <= index && index < to);
      const innermost = inside.reduce<Span | undefined>(
        (a, b) => (a && a.to - a.from <= b.to - b.from ? a : b),
        undefined,
      );
      return innermost === undefined ? '' : ` in ${innermost.where}`;
    };
    for (const [what, isBad] of [
      ['Infinity', (x: number) => x === Infinity || x === -Infinity],
      ['NaN', Number.isNaN],
    ] as const) {
      const index = recorded().findIndex(
        ({ inputs, outputs }) => holds(outputs, isBad) && !holds(Object.values(inputs), isBad),
      );
      if (index < 0) continue;
      const { kernelName, outputs } = recorded()[index]!;
      addFinding(lines, `first ${what} from ${kernelName}${at(index)}`, outputs.find((y) => holds([y], isBad))!);
    }
  });
  if (lines.length === 0)
    lines.push('every output was finite when the step was repeated: the loss depends on more than its batch and key');
  return lines;
}

interface Span {
  where: string;
  from: number;
  to: number;
}

/** Runs `f` and notes which stretch of the tape each module's forward covers. */
function watchModules<In, Out>(model: Module<In, Out>, position: () => number, f: () => unknown): Span[] {
  const spans: Span[] = [];
  const around = ({ module, forward }: ModuleCall) => {
    const from = position();
    try {
      return forward();
    } finally {
      spans.push({ where: module.where, from, to: position() });
    }
  };
  intercept(model, around, f);
  return spans;
}

function holds(tensors: readonly (Tensor | undefined)[], isBad: (x: number) => boolean): boolean {
  return tensors.some((tensor) => tensor?.dtype === 'float32' && tensor.dataSync().some(isBad));
}

function addFinding(lines: string[], what: string, tensor: Tensor): void {
  if (tensor.dtype !== 'float32') return;
  let nan = 0;
  let infinite = 0;
  for (const value of tensor.dataSync()) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
  }
  if (nan + infinite === 0) return;
  const counts = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} Infinity` : '']
    .filter(Boolean)
    .join(' and ');
  lines.push(`${what}  ${formatShape(tensor.shape)}: ${counts} of ${tensor.size}`);
}

function* namedTensors(value: unknown, path = ''): Iterable<[string, Tensor]> {
  if (typeof value !== 'object' || value === null) return;
  if ('dataId' in value) yield [path, value as Tensor];
  else for (const [name, part] of Object.entries(value)) yield* namedTensors(part, path ? `${path}.${name}` : name);
}
