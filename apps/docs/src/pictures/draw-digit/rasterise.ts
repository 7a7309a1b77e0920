/** A point of a drawing, in any unit: x to the right, y down. */
export type Point = readonly [x: number, y: number];
/** Where the pen went without leaving the paper. */
export type Stroke = readonly Point[];

/** Pixels along a side of an image of MNIST. */
export const SIDE = 28;
/** Pixels of MNIST's longer side of a digit. */
const BOX = 20;
/** Half the width of the pen, in pixels: digits of MNIST are drawn with about this. */
const PEN = 1.15;

/**
 * A drawing as an image of MNIST `[28 * 28]`, 0 (paper) to 1 (ink): scaled so that its longer side is 20 pixels, drawn with a pen
 * of one width, and moved so that its centre of mass lies in the middle.
 */
export function rasterise(strokes: readonly Stroke[]): Float32Array {
  const points = strokes.flat();
  if (points.length === 0) return new Float32Array(SIDE * SIDE);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const scale = (BOX - 2 * PEN) / Math.max(width, height, 1e-6);
  const middle = (SIDE - 1) / 2;
  const placed = strokes.map((stroke) =>
    stroke.map(
      ([x, y]): Point => [
        middle + (width + height > 0 ? (x - left - width / 2) * scale : 0),
        middle + (width + height > 0 ? (y - top - height / 2) * scale : 0),
      ],
    ),
  );
  const [x, y] = centreOfMass(ink(placed));
  return ink(placed.map((stroke) => stroke.map(([px, py]): Point => [px + middle - x, py + middle - y])));
}

/** Draws strokes with a round pen; its edge fades over a pixel. */
function ink(strokes: readonly Stroke[]): Float32Array {
  const pixels = new Float32Array(SIDE * SIDE);
  for (const stroke of strokes) {
    for (const [i, from] of stroke.entries()) {
      const to = stroke[i + 1] ?? from;
      if (i > 0 && to === from) continue; // the end of a line is drawn with it
      for (let at = 0; at < pixels.length; at++) {
        const distance = distanceTo([at % SIDE, Math.floor(at / SIDE)], from, to);
        pixels[at] = Math.max(pixels[at]!, Math.min(1, Math.max(0, PEN + 0.5 - distance)));
      }
    }
  }
  return pixels;
}

function distanceTo([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length > 0 ? Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

function centreOfMass(pixels: Float32Array): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of pixels.entries()) {
    mass += value;
    x += value * (i % SIDE);
    y += value * Math.floor(i / SIDE);
  }
  return [x / mass, y / mass];
}
