// Checked by tsc alone: every line under `@ts-expect-error` must not compile.
import type { Tensor } from '@tensorflow/tfjs-core';
import { key } from '../random';
import {
  batchNorm,
  Dropout,
  dropout,
  Embedding,
  flatten,
  GELU,
  GroupNorm,
  LayerNorm,
  type LayerSpec,
  Linear,
  linear,
  Residual,
  relu,
  Sequential,
  sequential,
} from './index';
import { Module, type Shape } from './module';

new Linear({ in: 2, out: 3, key: key(0) });
// @ts-expect-error weights need a key
new Linear({ in: 2, out: 3 });
// @ts-expect-error sizes are given, not guessed
new Linear({ out: 3, key: key(0) });
// @ts-expect-error this activation is not fused
new Linear({ in: 2, out: 3, activation: 'gelu', key: key(0) });
// @ts-expect-error the option is called out
new Linear({ in: 2, units: 3, key: key(0) });

new Embedding({ num: 3, dim: 2, paddingIdx: 0, key: key(0) });
// @ts-expect-error weights need a key
new Embedding({ num: 3, dim: 2 });

new Dropout();
new Dropout({ rate: 0.1 });
// @ts-expect-error PyTorch's p is called rate
new Dropout({ p: 0.1 });
// @ts-expect-error a bare number says nothing
new Dropout(0.1);

new LayerNorm({ normalizedShape: 4 });
new LayerNorm({ normalizedShape: [4, 5] });
// @ts-expect-error groups and channels are needed
new GroupNorm({ groups: 2 });
// @ts-expect-error no such approximation
new GELU({ approximate: 'erf' });

const specs: LayerSpec[] = [flatten(), linear({ out: 3 }), batchNorm(), relu(), dropout({ rate: 0.1 })];
// @ts-expect-error the size of the output does not follow from anything
linear();
// @ts-expect-error the size of the input follows from the layers before
linear({ in: 3, out: 4 });
// @ts-expect-error it has no options
relu({ slope: 1 });

const model: Sequential = sequential({ input: [4], key: key(0) }, specs);
// @ts-expect-error weights need a key
sequential({ input: [4] }, specs);
// @ts-expect-error specs are built by sequential
new Sequential(specs);
// @ts-expect-error modules are no specs
sequential({ input: [4], key: key(0) }, [new Dropout()]);

class Pair extends Module<Tensor, { output: Tensor; state: Tensor }> {
  forward(x: Tensor) {
    return { output: x, state: x };
  }
  outputShape(input: Shape): Shape {
    return input;
  }
}
// @ts-expect-error two outputs do not go into one input
new Sequential([new Pair()]);
// @ts-expect-error two outputs cannot be added to the input
new Residual({ body: new Pair() });

const output: Tensor = new Pair().predict(model.predict({} as Tensor)).output;
void output;
