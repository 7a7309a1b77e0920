// The matrix of patches as a whole (im2col), and its way back into the image (col2im).
import { gatherPatches, scatterPatches } from '@dl/core/kernels/conv-patches';
import { Geometry, positions } from '@dl/core/kernels/geometry';

/** patches[position, :] = what the position sees of x. */
export function allPatches(geometry: usize, x: usize, patches: usize): void {
  const g = changetype<Geometry>(geometry);
  gatherPatches(g, 0, x, 0, positions(g), patches);
}

/** x = the sum of all patches, each at the place it was taken from. */
export function addAllPatches(geometry: usize, patches: usize, x: usize): void {
  const g = changetype<Geometry>(geometry);
  memory.fill(x, 0, (<usize>g.batch * <usize>g.inHeight * <usize>g.inWidth * <usize>g.inChannels) << 2);
  scatterPatches(g, 0, patches, 0, positions(g), x);
}
