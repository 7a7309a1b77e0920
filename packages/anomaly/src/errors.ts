import { ConfigError, DlError } from '@dl/core';

/** A parameter of a detector is out of its range. scikit-learn's `InvalidParameterError`, thrown by the constructor. */
export class ParameterError extends ConfigError {
  override name = 'ParameterError';
  /** Which one: `nNeighbors`. */
  readonly parameter: string;
  /** What is allowed: `an int in the range [1, inf)`. */
  readonly range: string;
  /** What was given. */
  readonly value: unknown;

  constructor(detector: string, parameter: string, range: string, value: unknown, hint?: string) {
    super(detector, `The '${parameter}' parameter of ${detector} must be ${range}. Got ${shown(value)} instead.`, hint);
    this.parameter = parameter;
    this.range = range;
    this.value = value;
  }
}

/**
 * A method belongs to the other task: `predict` to novelty detection, `fitPredict` to outlier detection. It does not
 * compile; whoever calls it from JavaScript is told why by this error. scikit-learn's `AttributeError`.
 */
export class TaskError extends DlError {
  override name = 'TaskError';
}

/** A value in a message, not longer than a few words. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    const text = JSON.stringify(value) ?? 'an object';
    return text.length > 60 ? `${text.slice(0, 60)}...` : text;
  }
  return String(value);
}
