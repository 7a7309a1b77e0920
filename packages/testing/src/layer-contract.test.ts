import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

interface Report {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

/** The tests that failed, by the name of the layer: `on wasm: rows of a batch do not influence each other`. */
const failures = new Map<string, string[]>();

beforeAll(async () => {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const config = fileURLToPath(new URL('../test/vitest.config.ts', import.meta.url));
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'layer-contract-'));
  const file = join(folder, 'report.json');
  const args = [vitest, 'run', '--root', root, '--config', config, '--reporter', 'json', '--outputFile', file];
  await new Promise<void>((resolve) => execFile(process.execPath, args, () => resolve())); // it fails: that is the point
  const report = JSON.parse(await readFile(file, 'utf8')) as Report;
  await rm(folder, { recursive: true });
  for (const { ancestorTitles, title, status } of report.testResults.flatMap((file) => file.assertionResults)) {
    const [layer, backend] = ancestorTitles.filter((part) => part !== '') as [string, string | undefined];
    const failed = failures.get(layer) ?? [];
    failures.set(layer, failed);
    if (status === 'failed') failed.push(backend === undefined ? title : `${backend}: ${title}`);
  }
}, 240_000);

const bothBackends = (title: string) => [`on wasm: ${title}`, `on cpu: ${title}`];

test('a sound layer passes', () => {
  expect(failures.get('Sound')).toEqual([]);
});

test.each<[layer: string, found: string[]]>([
  ['WrongShape', bothBackends('the declared output shape is the real one')],
  [
    'WrongGradient',
    ['evaluation', 'training'].flatMap((mode) => bothBackends(`gradients agree with finite differences in ${mode}`)),
  ],
  ['WrongKernel', ['on wasm: kernels and composed forms agree in evaluation']],
  ['MixesRows', bothBackends('rows of a batch do not influence each other')],
  ['ReadsPadding', bothBackends('padding does not influence what is kept')],
  ['ForgetsWeights', bothBackends('weights survive a safetensors file')],
  ['IgnoresKey', bothBackends('the same key gives the same output')],
  ['Leaks', [...bothBackends('no tensor is left behind'), 'on wasm: memory is flat over 1,000 steps']],
  ['ChecksNothing', bothBackends('an input of shape [3,6] is refused by name')],
  ['HidesItsName', bothBackends('an input of shape [3,6] is refused by name')],
  ['WrongGolden', bothBackends('golden: of another layer')],
])('%s is found out', (layer, found) => {
  expect(failures.get(layer)).toEqual(expect.arrayContaining(found));
});

test('each fault is found where it is, and nowhere else', () => {
  const counts = new Map([...failures].map(([layer, failed]) => [layer, failed.length]));
  expect(Object.fromEntries(counts)).toMatchInlineSnapshot(`
    {
      "ChecksNothing": 2,
      "ForgetsWeights": 2,
      "HidesItsName": 2,
      "IgnoresKey": 3,
      "Leaks": 3,
      "MixesRows": 2,
      "ReadsPadding": 2,
      "Sound": 0,
      "WrongGolden": 2,
      "WrongGradient": 4,
      "WrongKernel": 3,
      "WrongShape": 2,
    }
  `);
});
