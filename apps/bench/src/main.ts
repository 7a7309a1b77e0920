import { init } from '@dl/core';

await init();
