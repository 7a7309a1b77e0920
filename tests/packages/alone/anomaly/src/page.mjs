import { decodeDetector } from '@dl/anomaly';
import { detect, rows } from './detect.mjs';

async function run() {
  const [file, expected] = await Promise.all(['detector.safetensors', 'scores.json'].map((name) => fetch(name)));
  const saved = decodeDetector(await file.arrayBuffer());
  const [scores, golden] = [saved.scoreSamples(rows), await expected.json()];
  const worst = Math.max(...golden.map((score, i) => Math.abs(score - scores[i])));
  if (golden.length !== scores.length || !(worst <= 1e-12)) {
    throw new Error(`the detector that Node saved scores otherwise here: off by ${worst}`);
  }
  detect();
  return 'a detector that Node saved, and two of its own';
}

run().then(
  (losses) => {
    globalThis.outcome = { losses };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);
