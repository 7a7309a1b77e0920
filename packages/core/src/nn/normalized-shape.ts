import { ShapeError } from '../errors';
import { type Checked, checkRank, checkShape, shownInput } from './checks';
import type { Shape } from './module';

/** The option `normalizedShape` of the norms, checked: a number stands for the last axis alone. */
export function normalizedSizes(layer: Checked, normalizedShape: number | Shape): Shape {
  const sizes = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
  checkShape(layer, 'normalizedShape', sizes);
  return sizes;
}

/** The last axes of an input must have the normalised shape. */
export function checkNormalized(layer: Checked, shape: Shape, kind: 'batch' | 'example', sizes: Shape): void {
  checkRank(layer, shape, kind, sizes.length + 1);
  const last = shape.slice(shape.length - sizes.length);
  if (last.every((size, i) => size === sizes[i])) return;
  throw new ShapeError(
    layer.where,
    `the last axes of the input are [${last}], the layer normalises [${sizes}]`,
    [shownInput(shape, kind), { label: 'normalizedShape', shape: sizes }],
    `set normalizedShape: [${last}]`,
  );
}
