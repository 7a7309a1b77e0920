import { trainAll } from './train.js';

const report = (outcome) => {
  globalThis.outcome = outcome;
};

if (location.hash === '#worker') {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => report(data);
  worker.onerror = ({ message }) => report({ error: message });
} else {
  trainAll().then(
    (losses) => report({ losses }),
    (error) => report({ error: error.stack }),
  );
}
