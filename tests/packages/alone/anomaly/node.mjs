import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { saveDetector } from '@dl/anomaly';
import { detect, detectDeep, rows } from './src/detect.mjs';

for (const name of ['cnn', 'rnn']) {
  if (existsSync(`node_modules/@dl/${name}`)) throw new Error(`@dl/anomaly has brought @dl/${name} with it`);
  // Its detectors stand behind an entry of their own, which names what is missing.
  const error = await import(`@dl/anomaly/${name}`).then(
    () => undefined,
    (reason) => reason,
  );
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes(`'@dl/${name}'`)) {
    throw new Error(`@dl/anomaly/${name} without @dl/${name}: ${error?.message ?? 'was imported'}`);
  }
}
// Leaves a detector and what it gives where the page finds them.
const detector = detect();
await mkdir('public', { recursive: true });
await saveDetector('public/detector.safetensors', detector);
await writeFile('public/scores.json', JSON.stringify([...detector.scoreSamples(rows)]));
const network = await detectDeep();
await saveDetector('public/network.safetensors', network);
await writeFile('public/network.json', JSON.stringify([...network.scoreSamples(rows)]));
const { novelty } = createRequire(import.meta.url)('@dl/anomaly/deep');
if (new novelty.AutoEncoder().options.epochs !== network.options.epochs) throw new Error('CommonJS has another entry');

// The command, as npx runs it.
const clean = Array.from({ length: 50 }, (_, i) => `${Math.sin(i)},${Math.cos(i)}`);
await writeFile('clean.csv', `a,b\n${clean.join('\n')}\n`);
await writeFile('data.csv', 'a,b\n0.6,0.8\n9,9\n');
const options = ['--task', 'novelty', '--train', 'clean.csv', '--out', 'scored.csv', '--json'];
const { outliers } = JSON.parse(
  execFileSync('node_modules/.bin/anomaly', ['detect', 'data.csv', ...options], { encoding: 'utf8' }),
);
const scored = await readFile('scored.csv', 'utf8');
if (outliers !== 1 || !/\n9,9,-[\d.]+,-1\n$/.test(scored)) throw new Error(`the command wrote ${scored}`);
// Its backend starts only for a detector with a network.
const deep = execFileSync(
  'node_modules/.bin/anomaly',
  ['detect', 'data.csv', ...options, '--detector', 'AutoEncoder'],
  {
    encoding: 'utf8',
  },
);
if (JSON.parse(deep).detector !== 'AutoEncoder') throw new Error(`the command printed ${deep}`);

console.log('both tasks, a network, the command');
