import type { Context } from '@dl/core';
import { add, broadcastTo, cast, max, mul, reshape, scalar, sub, Tensor, tensor } from '@dl/core/ops';

/**
 * The same batch with other values in its padding, `[batch, time, ...]`, and what takes the padding out of an output: it sets
 * it to 0 in outputs that have a time axis of their own.
 */
export function withOtherPadding(x: Tensor, ctx: Context): { other: Tensor; kept: (output: Tensor) => Tensor } {
  const [batch, time] = x.shape as [number, number];
  const mask = ctx.mask ?? maskOf(ctx.lengths, batch, time);
  const keptOf = (tensor: Tensor) => {
    const flags = cast(reshape(mask, [batch, time, ...Array<number>(tensor.rank - 2).fill(1)]), tensor.dtype);
    return broadcastTo(flags, tensor.shape);
  };
  const padding = sub(1, keptOf(x));
  // Indices become others of those that occur; numbers become large.
  const foreign = mul(padding, x.dtype === 'float32' ? scalar(7) : sub(max(x), x));
  const other = add(mul(x, keptOf(x)), cast(foreign, x.dtype));
  const kept = (output: Tensor) =>
    output.shape[0] === batch && output.shape[1] === time ? mul(output, keptOf(output)) : output;
  return { other, kept };
}

function maskOf(lengths: Context['lengths'], batch: number, time: number): Tensor {
  const counts = lengths instanceof Tensor ? [...lengths.dataSync()] : lengths!;
  const flags = counts.flatMap((length) => Array.from({ length: time }, (_, t) => (t < length ? 1 : 0)));
  return tensor(flags, [batch, time]);
}
