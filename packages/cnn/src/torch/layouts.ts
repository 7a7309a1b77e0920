import { ConfigError, Module, type Shape } from '@dl/core';
import { Linear } from '@dl/core/nn';
import { reshape, type Tensor, tidy, transpose } from '@dl/core/ops';
import { Conv1d } from '../layers/conv-1d';
import { Conv2d } from '../layers/conv-2d';
import { ConvTranspose2d } from '../layers/conv-transpose-2d';
import { DepthwiseConv2d } from '../layers/depthwise-conv-2d';
import type { FlattenedImages } from './flattened';

/** How a tensor lies in PyTorch, and the way there and back. */
export interface Layout {
  /** Its shape in PyTorch. */
  shape: Shape;
  toTorch(value: Tensor): Tensor;
  fromTorch(value: Tensor): Tensor;
}

/** The parameters and buffers, by name, that lie otherwise in PyTorch than here. */
export function layoutsOf(model: Module<never, unknown>, flattened: FlattenedImages): Map<string, Layout> {
  const layouts = new Map<string, Layout>();
  const modules = model.modules();
  for (const path of Object.keys(flattened)) {
    if (modules.has(path)) continue;
    throw new ConfigError(
      'loadTorch',
      `flattened: the model has no layer '${path}'`,
      `it has ${[...modules.keys()].join(', ')}`,
    );
  }
  for (const [path, module] of modules) {
    const image = flattened[path];
    for (const [name, member] of module.members()) {
      if (member instanceof Module) continue;
      const full = path === '' ? name : `${path}.${name}`;
      if (isConvolution(module) && name === 'weight') layouts.set(full, kernelLayout(member.shape));
      else if (image !== undefined && readsFeatures(module, name, member.shape)) {
        layouts.set(full, flattenedLayout(full, member.shape, image));
      }
    }
  }
  return layouts;
}

function isConvolution(module: Module<never, unknown>): boolean {
  return [Conv1d, Conv2d, ConvTranspose2d, DepthwiseConv2d].some((kind) => module instanceof kind);
}

/** Whether the last axis of a member counts the features that the module reads: not so the bias of a `Linear`. */
function readsFeatures(module: Module<never, unknown>, name: string, shape: Shape): boolean {
  return module instanceof Linear ? name === 'weight' : shape.length > 0;
}

/** [...kernel, in, out] here, [out, in, ...kernel] there; of transposed convolutions [...kernel, out, in] and [in, out, ...kernel]. */
function kernelLayout(shape: Shape): Layout {
  const spatial = shape.length - 2;
  const places = Array.from({ length: spatial }, (_, i) => i);
  return {
    shape: [shape[spatial + 1]!, shape[spatial]!, ...shape.slice(0, spatial)],
    toTorch: (value) => transpose(value, [spatial + 1, spatial, ...places]),
    fromTorch: (value) => transpose(value, [...places.map((i) => i + 2), 1, 0]),
  };
}

/** The last axis counts the features of an image: in the order height, width, channels here, channels, height, width there. */
function flattenedLayout(name: string, shape: Shape, image: Shape): Layout {
  const features = image.reduce((a, b) => a * b, 1);
  if (shape.at(-1) !== features) {
    throw new ConfigError(
      'loadTorch',
      `${name} reads ${shape.at(-1)} features, a flattened [${image.join(', ')}] has ${features}`,
    );
  }
  const before = shape.slice(0, -1);
  const [rank, spatial] = [before.length, image.length - 1];
  const kept = before.map((_, i) => i);
  const places = image.slice(0, -1).map((_, i) => rank + i);
  const channels = image[spatial]!;
  const moved = (value: Tensor, from: Shape, axes: number[]) =>
    tidy(() => reshape(transpose(reshape(value, [...before, ...from]), [...kept, ...axes]), [...shape]));
  return {
    shape,
    toTorch: (value) => moved(value, image, [rank + spatial, ...places]),
    fromTorch: (value) => moved(value, [channels, ...image.slice(0, -1)], [...places.map((axis) => axis + 1), rank]),
  };
}
