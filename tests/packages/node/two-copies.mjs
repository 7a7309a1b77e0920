import assert from 'node:assert/strict';
import * as dl from '@dl/core';
import { tanh, tensor } from '@dl/core/ops';
import { getKernel } from '@tensorflow/tfjs-core';
import * as other from 'another-dl-core';
import * as otherOps from 'another-dl-core/ops';

assert.notEqual(dl.init, other.init);
const warnings = [];
console.warn = (text) => warnings.push(text);

await dl.init();
const ours = getKernel('Tanh', 'wasm');
await other.init();
assert.equal(getKernel('Tanh', 'wasm'), ours, 'the second copy must not wrap the kernels of the first');
assert.deepEqual(tanh(otherOps.tensor([1])).dataSync(), otherOps.tanh(tensor([1])).dataSync());
assert.deepEqual(warnings, []);
