import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { trainAll } from './train.mjs';

const warnings = [];
console.warn = (text) => warnings.push(text);
const required = createRequire(import.meta.url)('./train.cjs');
const imported = await trainAll();
assert.equal(await required.trainAll(), imported);
assert.equal(await trainAll(), imported);
assert.deepEqual(warnings, []);
console.log(imported);
