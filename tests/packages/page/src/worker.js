import { trainAll } from './train.js';

trainAll().then(
  (losses) => postMessage({ losses }),
  (error) => postMessage({ error: error.stack }),
);
