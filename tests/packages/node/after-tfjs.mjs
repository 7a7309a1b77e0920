import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { trainAll } from './train.mjs';

// A program that uses tfjs by itself, with its own paths, before it meets @dl.
const tfjs = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(join(dirname(tfjs), '/'));
await tf.setBackend('wasm');
const before = tf.tensor([1, 2, 3]);
const losses = await trainAll();
if (tf.sum(before).dataSync()[0] !== 6) throw new Error('a tensor made before init() was lost');
console.log(losses);
