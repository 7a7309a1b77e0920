import assert from 'node:assert/strict';
import { init } from '@dl/core';

const own = () => {};
process.on('unhandledRejection', own);
await init();
assert.deepEqual(process.listeners('uncaughtException'), []);
assert.deepEqual(process.listeners('unhandledRejection'), [own]);
