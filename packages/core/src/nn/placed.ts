import { ConfigError, ShapeError } from '../errors';

/** An error of a layer that is being built, with the place the layer will have: `Linear at 3` becomes `Linear at body.3`. */
export function placed(error: unknown, path: string): unknown {
  if (!(error instanceof ShapeError || error instanceof ConfigError)) return error;
  const [kind, inner] = error.where.split(' at ');
  const where = `${kind} at ${inner === undefined ? path : `${path}.${inner}`}`;
  if (error instanceof ShapeError) return new ShapeError(where, error.problem, error.shapes, error.hint);
  return new ConfigError(where, error.problem, error.hint);
}
