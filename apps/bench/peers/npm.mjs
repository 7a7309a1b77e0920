// The other side of the benchmark from npm: packages that do one of the things we do, each in its own way.
import { readFileSync } from 'node:fs';
import { serve } from './protocol.mjs';

const [first, second] = await Promise.all([
  import('isolation-forest').catch(() => undefined),
  import('ml-isolation-forest').catch(() => undefined),
]);
if (first === undefined || second === undefined) {
  console.log(JSON.stringify({ error: 'not installed' }));
  process.exit();
}

/** The faster of the two isolation forests for this phase: the one with the harder ratio to reach. */
const forests = {
  // Rows are objects; it scores the rows that it was fitted on, or others.
  'isolation-forest': (rows) => {
    const objects = rows.map((row) => Object.fromEntries(row.map((value, f) => [`f${f}`, value])));
    const make = () => new (first.IsolationForest ?? first.default.IsolationForest)();
    return { fit: () => fitted(make(), (forest) => forest.fit(objects)), predict: (forest) => forest.predict(objects) };
  },
  'ml-isolation-forest': (rows) => {
    const make = () => new (second.IsolationForest ?? second.default.IsolationForest)({ nEstimators: 100 });
    return { fit: () => fitted(make(), (forest) => forest.train(rows)), predict: (forest) => forest.predict(rows) };
  },
};

function fitted(forest, fit) {
  fit(forest);
  return forest;
}

function read(path, columns) {
  const bytes = readFileSync(path);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return Array.from({ length: values.length / columns }, (_, i) => [
    ...values.subarray(i * columns, (i + 1) * columns),
  ]);
}

await serve('isolation-forest 0.0.9 or ml-isolation-forest 0.1.0, whichever is faster', {
  anomaly({ detector, phase, train, test, columns }) {
    if (detector !== 'IsolationForest' || phase === 'row') return undefined;
    const candidates = Object.values(forests).map((of) => {
      const [onTrain, onTest] = [of(read(train, columns)), of(read(test, columns))];
      const forest = onTrain.fit();
      const step = phase === 'fit' ? () => void onTrain.fit() : () => void onTest.predict(forest);
      const start = performance.now();
      step();
      return { step, time: performance.now() - start };
    });
    return candidates.sort((a, b) => a.time - b.time)[0];
  },
});
