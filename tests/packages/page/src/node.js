import { trainAll } from './train.js';

trainAll().then(console.log);
