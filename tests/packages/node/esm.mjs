import { trainAll } from './train.mjs';

console.log(await trainAll());
