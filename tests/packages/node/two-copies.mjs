import assert from 'node:assert/strict';
import * as dl from '@dl/core';
import { linear, sequential } from '@dl/core/nn';
import { tanh, tensor } from '@dl/core/ops';
import { getKernel } from '@tensorflow/tfjs-core';
import * as other from 'another-dl-core';
import * as otherNn from 'another-dl-core/nn';
import * as otherOps from 'another-dl-core/ops';

assert.notEqual(dl.init, other.init);
const warnings = [];
console.warn = (text) => warnings.push(text);

await Promise.all([dl.init(), other.init()]);
const ours = getKernel('Tanh', 'wasm');
await other.init();
assert.equal(getKernel('Tanh', 'wasm'), ours, 'the second copy must not wrap the kernels of the first');
assert.deepEqual(tanh(otherOps.tensor([1])).dataSync(), otherOps.tanh(tensor([1])).dataSync());
assert.deepEqual(warnings, []);

// Arithmetic is shared, models are not: mixing them must not pass in silence.
class Mixed extends dl.Module {
  ours = sequential({ input: [2], key: dl.key(0) }, [linear({ out: 1 })]);
  theirs = new otherNn.Linear({ in: 2, out: 1, key: other.key(0) });
}
assert.throws(() => new Mixed().parameters(), { name: 'ConfigError', message: /theirs.*another copy of @dl\/core/ });
