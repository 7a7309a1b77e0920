import { formatShape } from '../errors';

/** Both derivatives by one element of an input. */
export interface ElementCheck {
  /** Place in the flattened input. */
  element: number;
  analytic: number;
  /** The numerical value that agrees best. */
  numerical: number;
  /** (|analytic - numerical| - the noise of float32) / the larger of both, at least 0. */
  error: number;
}

/** One input and the elements of it that were compared. */
export interface InputCheck {
  name: string;
  shape: readonly number[];
  elements: readonly ElementCheck[];
}

/** The element where both derivatives differ most. */
export interface WorstElement {
  /** Name of the input: its key, or its place in the list; `x` for a single one. */
  input: string;
  /** Its place, one number an axis. */
  index: number[];
  analytic: number;
  numerical: number;
  error: number;
}

/** The outcome of `checkGradients`. */
export class GradientReport {
  /** Whether every element agrees. */
  readonly ok: boolean;
  /** The element that agrees least; undefined where every input is empty. */
  readonly worst: WorstElement | undefined;
  /** Number of elements compared. */
  readonly checked: number;
  /** Each input with every element compared. */
  readonly inputs: readonly InputCheck[];
  /** The largest error that counts as agreement. */
  readonly tolerance: number;

  /** @internal */
  constructor(inputs: readonly InputCheck[], tolerance: number) {
    const worst = inputs.flatMap((input) => worstOf(input) ?? []);
    this.inputs = inputs;
    this.tolerance = tolerance;
    this.worst = worst.reduce<WorstElement | undefined>(
      (a, b) => (a === undefined || b.error > a.error ? b : a),
      undefined,
    );
    this.checked = inputs.reduce((count, { elements }) => count + elements.length, 0);
    this.ok = !worst.some(({ error }) => error > tolerance);
  }

  /**
   * A table of the inputs, each with its worst element:
   *
   * ```
   * input   shape   checked  worst element  analytic  numerical  error
   * weight  [3, 2]  6        [2, 1]         0.5       -0.5       2
   * the gradients DISAGREE at weight[2, 1]: analytic 0.5, numerical -0.5 (error 2, allowed 0.005)
   * ```
   */
  toString(): string {
    const rows = [
      ['input', 'shape', 'checked', 'worst element', 'analytic', 'numerical', 'error'],
      ...this.inputs.map((input) => {
        const worst = worstOf(input);
        const cells = worst
          ? [formatShape(worst.index), show(worst.analytic), show(worst.numerical), show(worst.error)]
          : ['', '', '', ''];
        return [input.name, formatShape(input.shape), `${input.elements.length}`, ...cells];
      }),
    ];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const table = rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
    return [...table, this.#verdict()].join('\n');
  }

  #verdict(): string {
    if (this.ok || this.worst === undefined) return `the gradients agree (allowed error ${this.tolerance})`;
    const { input, index, analytic, numerical, error } = this.worst;
    const values = `analytic ${show(analytic)}, numerical ${show(numerical)}`;
    return `the gradients DISAGREE at ${input}${formatShape(index)}: ${values} (error ${show(error)}, allowed ${this.tolerance})`;
  }
}

function worstOf({ name, shape, elements }: InputCheck): WorstElement | undefined {
  const [first, ...rest] = elements;
  if (first === undefined) return undefined;
  const { element, ...values } = rest.reduce((a, b) => (b.error > a.error ? b : a), first);
  return { input: name, index: indexOf(element, shape), ...values };
}

/** Row-major place of an element, one number an axis. */
function indexOf(element: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = element;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

function show(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
