import { type Key, Module, Param, type Shape, ShapeError } from '@dl/core';
import { add, defineOp, keep, mean, mul, sub, sum, type Tensor, tensor } from '@dl/core/ops';
import { layerContract } from '../src';

// Layers with one fault each. `layer-contract.test.ts` runs them and expects their contracts to find it.

abstract class Broken extends Module {
  outputShape(input: Shape): Shape {
    return input;
  }
}

/** Refuses everything but five features, as all layers here but those that are wrong about that. */
function check(layer: Module, x: Tensor): void {
  if (x.shape.at(-1) !== 5) throw new ShapeError(layer.where, `the input has ${x.shape.at(-1)} features`);
}

class Sound extends Broken {
  readonly weight: Param;

  constructor(key: Key) {
    super();
    this.weight = new Param(tensor(key.normal(5)));
  }

  forward(x: Tensor): Tensor {
    check(this, x);
    return mul(x, this.weight.value);
  }
}

class WrongShape extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return mul(x, 2);
  }

  override outputShape(input: Shape): Shape {
    return [...input, 1];
  }
}

const wrongGradient = defineOp({
  name: 'wrongGradient',
  forward: ({ x }: { x: Tensor }) => mul(x, x),
  backward: ({ x, dy }) => ({ x: () => mul(dy, mul(x, 2.05)) }),
});

class WrongGradient extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return wrongGradient({ x });
  }
}

const wrongKernel = defineOp({
  name: 'wrongKernel',
  forward: ({ x }: { x: Tensor }) => mul(x, 2),
  kernel: ({ x }) => mul(x, 2.001),
  backward: ({ dy }) => ({ x: () => mul(dy, 2) }),
});

class WrongKernel extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return wrongKernel({ x });
  }
}

class MixesRows extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return sub(x, mean(x, 0, true));
  }
}

class ReadsPadding extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return add(x, sum(x, 1, true));
  }
}

class ForgetsWeights extends Broken {
  readonly hidden: Tensor;

  constructor(key: Key) {
    super();
    this.hidden = keep(tensor(key.normal(5)));
  }

  forward(x: Tensor): Tensor {
    check(this, x);
    return mul(x, this.hidden);
  }

  override dispose(): void {
    this.hidden.dispose();
  }
}

class IgnoresKey extends Broken {
  readonly weight = new Param(tensor([1, 2, 3, 4, 5].map(() => Math.random())));

  forward(x: Tensor): Tensor {
    check(this, x);
    return mul(x, this.weight.value);
  }
}

class Leaks extends Broken {
  forward(x: Tensor): Tensor {
    check(this, x);
    return mul(x, keep(tensor([1, 2, 3, 4, 5])));
  }
}

class ChecksNothing extends Broken {
  forward(x: Tensor): Tensor {
    return mul(x, 2);
  }
}

class HidesItsName extends Broken {
  forward(x: Tensor): Tensor {
    if (x.shape.at(-1) !== 5) throw new ShapeError('a layer', 'the input is wrong');
    return mul(x, 2);
  }
}

layerContract('Sound', { make: (key) => new Sound(key), input: [3, 5], steady: true });
layerContract('WrongShape', { make: () => new WrongShape(), input: [3, 5] });
layerContract('WrongGradient', { make: () => new WrongGradient(), input: [3, 5] });
layerContract('WrongKernel', { make: () => new WrongKernel(), input: [3, 5] });
layerContract('MixesRows', { make: () => new MixesRows(), input: [3, 5] });
layerContract('ReadsPadding', { make: () => new ReadsPadding(), input: [2, 4, 5], context: { lengths: [4, 2] } });
layerContract('ForgetsWeights', { make: (key) => new ForgetsWeights(key), input: [3, 5] });
layerContract('IgnoresKey', { make: () => new IgnoresKey(), input: [3, 5] });
layerContract('Leaks', { make: () => new Leaks(), input: [3, 5], steady: true });
layerContract('ChecksNothing', { make: () => new ChecksNothing(), input: [3, 5] });
layerContract('HidesItsName', { make: () => new HidesItsName(), input: [3, 5] });
layerContract('WrongGolden', {
  make: (key) => new Sound(key),
  input: [3, 5],
  golden: [
    {
      name: 'of another layer',
      make: () => new WrongGradient(),
      input: { shape: [1, 5], dtype: 'f', data: [1, 2, 3, 4, 5] },
      output: { shape: [1, 5], dtype: 'f', data: [1, 4, 9, 16, 26] },
    },
  ],
});
