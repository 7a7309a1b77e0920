import { decodeDetector } from '@dl/anomaly';
import * as deep from '@dl/anomaly/deep';
import { detect, detectDeep, rows } from './detect.mjs';

async function run() {
  await scoresAsInNode('detector.safetensors', 'scores.json');
  await scoresAsInNode('network.safetensors', 'network.json');
  detect();
  await detectDeep();
  return 'detectors that Node saved, and three of its own';
}

async function scoresAsInNode(file, scores) {
  const [saved, golden] = await Promise.all([file, scores].map((name) => fetch(name)));
  const detector = decodeDetector(await saved.arrayBuffer(), deep);
  const [ours, expected] = [detector.scoreSamples(rows), await golden.json()];
  const worst = Math.max(...expected.map((score, i) => Math.abs(score - ours[i])));
  if (expected.length !== ours.length || !(worst <= 1e-12)) {
    throw new Error(`${file}, saved by Node, scores otherwise here: off by ${worst}`);
  }
}

run().then(
  (losses) => {
    globalThis.outcome = { losses };
  },
  (error) => {
    globalThis.outcome = { error: error.stack };
  },
);
