/**
 * The errors of @dl: every one says what is wrong, where, with which numbers, and what to do.
 *
 * Classes are told apart by `instanceof` or, across two copies of the package, by `name`.
 */
export class DlError extends Error {
  override name = 'DlError';
}

/** One side of a shape mistake, printed as `input   [batch=128, height=14, width=14, channels=16]`. */
export interface NamedShape {
  /** What the tensor is: `input`, `weight`, `state`. */
  label: string;
  /** The sizes. */
  shape: readonly number[];
  /** The name of each axis, as many as there are sizes. */
  axes?: readonly string[];
}

/**
 * A tensor has the wrong rank or a wrong size.
 *
 * ```
 * ShapeError: Conv2d at features.3: the input has 16 channels, the weight expects 32
 *   input   [batch=128, height=14, width=14, channels=16]
 *   weight  [kernelHeight=3, kernelWidth=3, in=32, out=64]
 *   hint    features.0 gives 16 channels: set in: 16 here, or out: 32 there
 * ```
 */
export class ShapeError extends DlError {
  override name = 'ShapeError';
  readonly where: string;
  readonly problem: string;
  readonly shapes: readonly NamedShape[];
  readonly hint: string | undefined;

  constructor(where: string, problem: string, shapes: readonly NamedShape[] = [], hint?: string) {
    super(layout(`${where}: ${problem}`, shapes, hint));
    this.where = where;
    this.problem = problem;
    this.shapes = shapes;
    this.hint = hint;
  }
}

/** An option is missing, out of its range or in conflict with another. */
export class ConfigError extends DlError {
  override name = 'ConfigError';
  readonly where: string;
  readonly problem: string;
  readonly hint: string | undefined;

  constructor(where: string, problem: string, hint?: string) {
    super(layout(`${where}: ${problem}`, [], hint));
    this.where = where;
    this.problem = problem;
    this.hint = hint;
  }
}

/** A tensor holds another type of number than the operation works on. */
export class DtypeError extends DlError {
  override name = 'DtypeError';
}

/** The backend cannot be used: no WASM SIMD, not initialised, out of memory, another version. */
export class BackendError extends DlError {
  override name = 'BackendError';
}

/** A value was used after `dispose()`. */
export class DisposedError extends DlError {
  override name = 'DisposedError';
}

/** A model, scaler or detector was asked for results before it was fitted. */
export class NotFittedError extends DlError {
  override name = 'NotFittedError';
}

/** A file is truncated, hostile, or not of the format it claims. Nothing was changed. */
export class FormatError extends DlError {
  override name = 'FormatError';
}

/** NaN or Infinity where training needs a number; names the parameter, gradient or loss. */
export class NumericsError extends DlError {
  override name = 'NumericsError';
}

/** Prints a shape with its axis names: `[batch=32, features=10]`. */
export function formatShape(shape: readonly number[], axes?: readonly string[]): string {
  const named = axes?.length === shape.length;
  return `[${shape.map((size, i) => (named ? `${axes[i]}=${size}` : `${size}`)).join(', ')}]`;
}

function layout(headline: string, shapes: readonly NamedShape[], hint: string | undefined): string {
  const rows: [string, string][] = shapes.map((s) => [s.label, formatShape(s.shape, s.axes)]);
  if (hint !== undefined) rows.push(['hint', hint]);
  const width = Math.max(0, ...rows.map(([label]) => label.length)) + 2;
  return [headline, ...rows.map(([label, text]) => `  ${label.padEnd(width)}${text}`)].join('\n');
}
