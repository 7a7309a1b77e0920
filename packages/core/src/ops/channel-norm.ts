import { add, mean, mul, reshape, rsqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { ShapeError } from '../errors';
import { expectFloat } from './checks';
import { defineOp, type Gradients } from './define-op';

// Batch, group and instance norm are one computation: statistics over the rows and over groups of channels of
// [batch, rows, channels]. Batch norm takes the whole batch as the rows of one item.

type Inputs = { x: Tensor; weight?: Tensor | undefined; bias?: Tensor | undefined };

/** How the elements of x fall into groups: x is seen as [batch, rows, groups, width]. */
export interface ChannelGroups {
  batch: number;
  rows: number;
  groups: number;
  width: number;
  /** Added to the variance. */
  eps: number;
}

type Statistics = { mean: Tensor; variance: Tensor };

const grouped = (x: Tensor, { batch, rows, groups, width }: ChannelGroups) => reshape(x, [batch, rows, groups, width]);

/** A parameter [channels] beside the grouped x. */
const perChannel = (parameter: Tensor, { groups, width }: ChannelGroups) => reshape(parameter, [1, 1, groups, width]);

/** A statistic [batch, groups] beside the grouped x. */
const perGroup = (statistic: Tensor, { batch, groups }: ChannelGroups) => reshape(statistic, [batch, 1, groups, 1]);

/** `(x - mean) / sqrt(variance + eps)`, grouped. */
function normalised(x: Tensor, statistics: Statistics, attrs: ChannelGroups): Tensor {
  return mul(
    sub(grouped(x, attrs), perGroup(statistics.mean, attrs)),
    rsqrt(add(perGroup(statistics.variance, attrs), attrs.eps)),
  );
}

function scaled(z: Tensor, { x, weight, bias }: Inputs, attrs: ChannelGroups): Tensor {
  let y = z;
  if (weight !== undefined) y = mul(y, perChannel(weight, attrs));
  if (bias !== undefined) y = add(y, perChannel(bias, attrs));
  return reshape(y, x.shape);
}

function parameterGradients(
  { x, weight, bias, dy }: Inputs & { dy: Tensor },
  statistics: Statistics,
  attrs: ChannelGroups,
): Gradients<Inputs> {
  const channels = [attrs.groups * attrs.width];
  return {
    ...(weight && {
      weight: () => reshape(sum(mul(grouped(dy, attrs), normalised(x, statistics, attrs)), [0, 1]), channels),
    }),
    ...(bias && { bias: () => reshape(sum(grouped(dy, attrs), [0, 1]), channels) }),
  };
}

/**
 * Normalises groups of channels and gives their statistics: `y` of the shape of x, `mean` and (biased) `variance`
 * [batch, groups]. The statistics are for keeping: no gradient flows back from them.
 */
export const channelNorm = defineOp({
  name: 'channelNorm',
  forward: (inputs: Inputs, attrs: ChannelGroups) => {
    const x = grouped(inputs.x, attrs);
    const means = mean(x, [1, 3], true); // [batch, 1, groups, 1]
    const shape = [attrs.batch, attrs.groups];
    const statistics = {
      mean: reshape(means, shape),
      variance: reshape(mean(square(sub(x, means)), [1, 3]), shape),
    };
    return { y: scaled(normalised(inputs.x, statistics, attrs), inputs, attrs), ...statistics };
  },
  backward: ({ x, weight, bias, mean: means, variance, dy }, attrs) => {
    const statistics = { mean: means, variance };
    return {
      x: () => {
        const z = normalised(x, statistics, attrs);
        const upstream = grouped(dy.y, attrs);
        const g = weight === undefined ? upstream : mul(upstream, perChannel(weight, attrs));
        const along = sub(sub(g, mean(g, [1, 3], true)), mul(z, mean(mul(g, z), [1, 3], true)));
        return reshape(mul(along, rsqrt(add(perGroup(variance, attrs), attrs.eps))), x.shape);
      },
      ...parameterGradients({ x, weight, bias, dy: dy.y }, statistics, attrs),
    };
  },
  kernel: ({ x, weight, bias }, attrs, heap) => {
    const { batch, rows, groups, width, eps } = attrs;
    const shape = [batch, groups];
    const [y, means, variance] = [heap.tensor(x.shape), heap.tensor(shape), heap.tensor(shape)];
    const channels = groups * width;
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    heap.scratch(5 * 4 * channels, (scratch) => {
      const addresses = [at(x), at(weight), at(bias), at(y), at(means), at(variance)] as const;
      if (channels > 0) kernels.on(heap).channelNorm(...addresses, batch, rows, channels, groups, eps, scratch);
    });
    return { y, mean: means, variance };
  },
  backwardKernel: ({ x, weight, bias, mean: means, variance, dy }, attrs, heap) =>
    gradientKernel({ x, weight, bias, mean: means, variance, dy: dy.y }, attrs, false, heap),
  saves: ['x', 'weight', 'bias', 'mean', 'variance'],
  error: '1e-6 of the largest value',
});

/** Normalises channels by given statistics, `mean` and `variance` [channels], which are not differentiated. */
export const channelAffine = defineOp({
  name: 'channelAffine',
  forward: ({ mean: means, variance, ...inputs }: Inputs & Statistics, attrs: ChannelGroups) =>
    scaled(normalised(inputs.x, { mean: means, variance }, attrs), inputs, attrs),
  backward: ({ x, weight, bias, mean: means, variance, dy }, attrs) => ({
    x: () => {
      const slope = rsqrt(add(variance, attrs.eps));
      const factor = weight === undefined ? slope : mul(slope, weight);
      return reshape(mul(grouped(dy, attrs), perChannel(factor, attrs)), x.shape);
    },
    ...parameterGradients({ x, weight, bias, dy }, { mean: means, variance }, attrs),
  }),
  kernel: ({ x, weight, bias, mean: means, variance }, { rows, groups, eps }, heap) => {
    const y = heap.tensor(x.shape);
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    heap.scratch(2 * 4 * groups, (scratch) => {
      kernels
        .on(heap)
        .channelAffine(at(x), at(weight), at(bias), at(means), at(variance), at(y), rows, groups, eps, scratch);
    });
    return y;
  },
  backwardKernel: (saved, attrs, heap) => gradientKernel(saved, attrs, true, heap),
  saves: ['x', 'weight', 'bias', 'mean', 'variance'],
  error: '1e-6 of the largest value',
});

function gradientKernel(
  { x, weight, bias, mean: means, variance, dy }: Inputs & Statistics & { dy: Tensor },
  { batch, rows, groups, width, eps }: ChannelGroups,
  given: boolean,
  heap: Heap,
): Gradients<Inputs> {
  const dx = heap.tensor(x.shape);
  const dw = weight && heap.tensor(weight.shape);
  const db = bias && heap.tensor(bias.shape);
  const channels = groups * width;
  const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
  heap.scratch(5 * 4 * channels, (scratch) => {
    const addresses = [at(x), at(weight), at(dy), at(means), at(variance), at(dx), at(dw), at(db)] as const;
    if (channels > 0) {
      kernels.on(heap).channelNormGradient(...addresses, batch, rows, channels, groups, eps, given ? 1 : 0, scratch);
    }
  });
  return { x: dx, ...(dw && { weight: dw }), ...(db && { bias: db }) };
}

/** The channels of x, the last axis; checks that x and the vectors beside it are float32 and fit. */
export function expectChannels(where: string, x: Tensor, vectors: Record<string, Tensor | undefined>): number {
  expectFloat(where, 'input', x);
  if (x.rank < 2) {
    throw new ShapeError(where, 'the input must have a batch axis and, last, a channel axis', [
      { label: 'input', shape: x.shape },
    ]);
  }
  const channels = x.shape.at(-1)!;
  for (const [label, vector] of Object.entries(vectors)) {
    if (vector === undefined) continue;
    expectFloat(where, label, vector);
    if (vector.rank !== 1 || vector.size !== channels) {
      throw new ShapeError(where, `the input has ${channels} channels, the ${label} is for ${vector.size}`, [
        { label: 'input', shape: x.shape },
        { label, shape: vector.shape },
      ]);
    }
  }
  return channels;
}
