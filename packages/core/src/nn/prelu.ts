import { fill, type Tensor } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkFloat, checkLastAxis, checkNumber, checkSize } from './checks';
import { Module, type Shape } from './module';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `PReLU`. */
export interface PReLUConfig {
  /** How many slopes are learnt: one for each channel, or 1 for all of them. @default 1 */
  channels?: number;
  /** The slopes at the start. @default 0.25 */
  slope?: number;
}

/**
 * `y = x` where `x > 0`, else `weight x`, with a learnt slope: He et al. 2015, PyTorch's `nn.PReLU`. Input and output
 * `[batch, ..., channels]`, weight `[channels]`.
 */
export class PReLU extends Module {
  readonly channels: number;
  readonly weight: Param;

  constructor({ channels = 1, slope = 0.25 }: PReLUConfig = {}) {
    super();
    checkSize(this, 'channels', channels);
    checkNumber(this, 'slope', slope);
    this.channels = channels;
    this.weight = new Param(fill([channels], slope, 'float32'));
  }

  /** @throws ShapeError where the last axis does not have as many channels as there are slopes */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    this.#check(x.shape, 'batch');
    return ops.prelu(x, this.weight.value);
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return input;
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    if (this.channels === 1) return;
    const weight = { label: 'weight', shape: [this.channels], axes: ['channels'] };
    checkLastAxis(this, shape, kind, { size: this.channels, axis: 'channels', option: 'channels', weight });
  }
}

/** Spec of a `PReLU`: `perChannel` learns a slope for each channel of the input. */
export const prelu = defineSpec(
  'prelu',
  ({ perChannel = false, ...config }: { perChannel?: boolean; slope?: number } | undefined = {}, input) =>
    new PReLU({ ...config, channels: perChannel ? input.at(-1)! : 1 }),
);
