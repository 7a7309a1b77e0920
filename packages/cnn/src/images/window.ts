import { blank, type ImageBatch } from './image-batch';

/** Cuts a window out of each image, at its own place, which may lie outside: there it shows the filling. */
export function cutWindows(
  images: ImageBatch,
  [height, width]: readonly [number, number],
  places: { top: ArrayLike<number>; left: ArrayLike<number> },
  fill: number,
): ImageBatch {
  const [batch, inHeight, inWidth, channels] = images.shape;
  const result = blank([batch, height, width, channels], fill);
  for (let n = 0; n < batch; n++) {
    const [top, left] = [places.top[n]!, places.left[n]!];
    const first = Math.max(0, -left);
    const last = Math.min(width, inWidth - left);
    if (last <= first) continue;
    for (let row = Math.max(0, -top); row < Math.min(height, inHeight - top); row++) {
      const from = ((n * inHeight + top + row) * inWidth + left + first) * channels;
      const to = ((n * height + row) * width + first) * channels;
      result.data.set(images.data.subarray(from, from + (last - first) * channels), to);
    }
  }
  return result;
}
