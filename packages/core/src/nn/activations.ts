import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import * as ops from '../ops';
import { checkFloat, checkNumber } from './checks';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

// Each is the layer form of the op of the same name, whose documentation has the derivation. Input and output have the
// same shape, whatever it is: `[batch, ...]`.

/** An activation of every element by itself. */
abstract class Activation extends Module {
  protected abstract activate(x: Tensor): Tensor;

  /** @throws DtypeError unless the input is float32 */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    return this.activate(x);
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

/** `y = max(x, 0)`. PyTorch's `nn.ReLU`. */
export class ReLU extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.relu(x);
  }
}

/** `y = min(max(x, 0), 6)`. PyTorch's `nn.ReLU6`. */
export class ReLU6 extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.relu6(x);
  }
}

/** Options of `LeakyReLU`. */
export interface LeakyReLUConfig {
  /** The slope below 0. @default 0.01 */
  negativeSlope?: number;
}

/** `y = x` where `x > 0`, else `negativeSlope x`. PyTorch's `nn.LeakyReLU`. */
export class LeakyReLU extends Activation {
  readonly negativeSlope: number;

  constructor({ negativeSlope = 0.01 }: LeakyReLUConfig = {}) {
    super();
    checkNumber(this, 'negativeSlope', negativeSlope);
    this.negativeSlope = negativeSlope;
  }

  protected activate(x: Tensor): Tensor {
    return ops.leakyRelu(x, this.negativeSlope);
  }
}

/** Options of `ELU`. */
export interface ELUConfig {
  /** Minus the limit at -Infinity. @default 1 */
  alpha?: number;
}

/** `y = x` where `x > 0`, else `alpha (e^x - 1)`. PyTorch's `nn.ELU`. */
export class ELU extends Activation {
  readonly alpha: number;

  constructor({ alpha = 1 }: ELUConfig = {}) {
    super();
    checkNumber(this, 'alpha', alpha);
    this.alpha = alpha;
  }

  protected activate(x: Tensor): Tensor {
    return ops.elu(x, this.alpha);
  }
}

/** `y = scale x` where `x > 0`, else `scale alpha (e^x - 1)`, which keeps mean 0 and variance 1. PyTorch's `nn.SELU`. */
export class SELU extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.selu(x);
  }
}

/** Options of `GELU`. */
export interface GELUConfig {
  /** `tanh` for the approximation of GPT-2. @default 'none' */
  approximate?: 'none' | 'tanh';
}

/** `y = x Phi(x)`, with the distribution function of the standard normal. PyTorch's `nn.GELU`. */
export class GELU extends Activation {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: GELUConfig = {}) {
    super();
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw new ConfigError(this.where, `approximate must be 'none' or 'tanh', it is ${JSON.stringify(approximate)}`);
    }
    this.approximate = approximate;
  }

  protected activate(x: Tensor): Tensor {
    return ops.gelu(x, this.approximate);
  }
}

/** `y = x sigmoid(x)`, also called swish. PyTorch's `nn.SiLU`. */
export class SiLU extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.silu(x);
  }
}

/** `y = x tanh(softplus(x))`. PyTorch's `nn.Mish`. */
export class Mish extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.mish(x);
  }
}

/** Options of `Softplus`. */
export interface SoftplusConfig {
  /** Sharpness: the larger, the closer to ReLU. @default 1 */
  beta?: number;
}

/** `y = ln(1 + e^(beta x)) / beta`. PyTorch's `nn.Softplus`. */
export class Softplus extends Activation {
  readonly beta: number;

  constructor({ beta = 1 }: SoftplusConfig = {}) {
    super();
    checkNumber(this, 'beta', beta, { min: Number.MIN_VALUE });
    this.beta = beta;
  }

  protected activate(x: Tensor): Tensor {
    return ops.softplus(x, this.beta);
  }
}

/** `y = x / (1 + |x|)`. PyTorch's `nn.Softsign`. */
export class Softsign extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.softsign(x);
  }
}

/** `y = 1 / (1 + e^-x)`. PyTorch's `nn.Sigmoid`. */
export class Sigmoid extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.sigmoid(x);
  }
}

/** `y = ln sigmoid(x)`. PyTorch's `nn.LogSigmoid`. */
export class LogSigmoid extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.logSigmoid(x);
  }
}

/** `y = tanh(x)`. PyTorch's `nn.Tanh`. */
export class Tanh extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.tanh(x);
  }
}

/** `y = min(max(x / 6 + 1/2, 0), 1)`. PyTorch's `nn.Hardsigmoid`. */
export class Hardsigmoid extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.hardsigmoid(x);
  }
}

/** `y = x hardsigmoid(x)`. PyTorch's `nn.Hardswish`. */
export class Hardswish extends Activation {
  protected activate(x: Tensor): Tensor {
    return ops.hardswish(x);
  }
}

/** Options of `Hardtanh`. */
export interface HardtanhConfig {
  /** The lower limit. @default -1 */
  min?: number;
  /** The upper limit. @default 1 */
  max?: number;
}

/** `y = min(max(x, min), max)`. PyTorch's `nn.Hardtanh`. */
export class Hardtanh extends Activation {
  readonly min: number;
  readonly max: number;

  constructor({ min = -1, max = 1 }: HardtanhConfig = {}) {
    super();
    checkNumber(this, 'min', min);
    checkNumber(this, 'max', max, { min });
    this.min = min;
    this.max = max;
  }

  protected activate(x: Tensor): Tensor {
    return ops.hardtanh(x, this.min, this.max);
  }
}

/** Spec of a `ReLU`. */
export const relu = defineSpec('relu', () => new ReLU());
/** Spec of a `ReLU6`. */
export const relu6 = defineSpec('relu6', () => new ReLU6());
/** Spec of a `LeakyReLU`. */
export const leakyRelu = defineSpec('leakyRelu', (config?: LeakyReLUConfig) => new LeakyReLU(config));
/** Spec of an `ELU`. */
export const elu = defineSpec('elu', (config?: ELUConfig) => new ELU(config));
/** Spec of a `SELU`. */
export const selu = defineSpec('selu', () => new SELU());
/** Spec of a `GELU`. */
export const gelu = defineSpec('gelu', (config?: GELUConfig) => new GELU(config));
/** Spec of a `SiLU`. */
export const silu = defineSpec('silu', () => new SiLU());
/** Spec of a `Mish`. */
export const mish = defineSpec('mish', () => new Mish());
/** Spec of a `Softplus`. */
export const softplus = defineSpec('softplus', (config?: SoftplusConfig) => new Softplus(config));
/** Spec of a `Softsign`. */
export const softsign = defineSpec('softsign', () => new Softsign());
/** Spec of a `Sigmoid`. */
export const sigmoid = defineSpec('sigmoid', () => new Sigmoid());
/** Spec of a `LogSigmoid`. */
export const logSigmoid = defineSpec('logSigmoid', () => new LogSigmoid());
/** Spec of a `Tanh`. */
export const tanh = defineSpec('tanh', () => new Tanh());
/** Spec of a `Hardsigmoid`. */
export const hardsigmoid = defineSpec('hardsigmoid', () => new Hardsigmoid());
/** Spec of a `Hardswish`. */
export const hardswish = defineSpec('hardswish', () => new Hardswish());
/** Spec of a `Hardtanh`. */
export const hardtanh = defineSpec('hardtanh', (config?: HardtanhConfig) => new Hardtanh(config));
