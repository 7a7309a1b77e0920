import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { novelty, outlier, PeaksOverThreshold, SplitConformal } from '..';
import { runCommand } from './command';

const folder = mkdtempSync(join(tmpdir(), 'dl-anomaly-'));
const program = join(folder, 'anomaly.mjs');

beforeAll(() => {
  buildSync({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@dl/source'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  writeFileSync(join(folder, 'clean.csv'), csv(clean));
  writeFileSync(join(folder, 'data.csv'), csv(data, 'note', notes));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const clean = Array.from({ length: 60 }, (_, i) => [10 + Math.sin(i), 3 + Math.cos(2 * i)]);
const data = [
  [10, 4],
  [40, 3],
  [10.84, 2.58],
  [10, -30],
];
const notes = ['plain', 'a, "quoted" one', '', 'two\nlines'];

function csv(rows: number[][], extra?: string, texts?: string[]): string {
  const lines = rows.map((row, i) => (texts ? [`"${texts[i]!.replaceAll('"', '""')}"`, ...row] : row).join(','));
  return `\uFEFF${extra ? `${extra},` : ''}pages,minutes\r\n${lines.join('\r\n')}\r\n`;
}

/** The command as a process. */
function anomaly(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The same within this process, for what needs no process of its own. */
async function inside(args: string[], terminal = false) {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), terminal };
  const paths = args.map((arg) => (/\.csv$/.test(arg) ? join(folder, arg) : arg));
  return { status: await runCommand(paths, streams), stdout: out.join(''), stderr: err.join('') };
}

test('novelty: scores of the class, rows carried along, nothing on stderr', () => {
  const args = ['detect', 'data.csv', '--task', 'novelty', '--train', 'clean.csv', '--detector', 'auto'];
  const { status, stdout, stderr } = anomaly(...args, '--out', 'scored.csv', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const summary = JSON.parse(stdout) as {
    outliers: number;
    rows: number;
    detector: string;
    mostAbnormal: { line: number }[];
  };
  expect(summary).toMatchObject({ rows: 4, outliers: 2, detector: 'KNearestNeighbors', trainingRows: 60 });
  expect(summary.mostAbnormal.slice(0, 2).map(({ line }) => line)).toEqual([6, 3]); // the last row ends on line 6
  const written = readFileSync(join(folder, 'scored.csv'), 'utf8');
  const scores = new novelty.KNearestNeighbors({ scaler: 'standard' }).fit(clean).scoreSamples(data);
  expect(written).toBe(
    [
      'note,pages,minutes,anomaly_score,anomaly_label',
      `plain,10,4,${scores[0]},1`,
      `"a, ""quoted"" one",40,3,${scores[1]},-1`,
      `,10.84,2.58,${scores[2]},1`,
      `"two\nlines",10,-30,${scores[3]},-1`,
      '',
    ].join('\n'),
  );
}, 30_000);

test('outlier, explained, in words, with the exit code of --check', async () => {
  const args = [
    'detect',
    'data.csv',
    '--task',
    'outlier',
    '--ignore',
    'note',
    '--explain',
    '--check',
    '--out',
    'why.csv',
  ];
  const { status, stdout } = await inside([...args, '--detector', 'Mahalanobis', '--contamination', '0.25']);
  expect(status).toBe(3);
  expect(stdout).toMatch(/1 of 4 rows are anomalous \(25\.00 %\)\noutlier\.Mahalanobis on 2 features/);
  const detector = new outlier.Mahalanobis({ scaler: 'standard', contamination: 0.25 });
  detector.fitPredict(data);
  const written = readFileSync(join(folder, 'why.csv'), 'utf8').split('\n');
  expect(written[0]).toMatch(/anomaly_label,anomaly_reason$/);
  expect(written[1]).toContain(`plain,10,4,${detector.scores[0]},1,`);
  expect(written[1]).toMatch(/minutes -?[\d.e-]+; pages|pages -?[\d.e-]+; minutes/);
});

test('auto is explained as what it is, in both tasks', async () => {
  const args = ['detect', 'data.csv', '--detector', 'auto', '--explain', '--json'];
  const learnt = await inside([...args, '--task', 'novelty', '--train', 'clean.csv', '--out', 'auto.csv']);
  expect(JSON.parse(learnt.stdout)).toMatchObject({ detector: 'KNearestNeighbors', outliers: 2 });
  const detector = new novelty.KNearestNeighbors({ scaler: 'standard' }).fit(clean);
  const [pages, minutes] = detector.explain([[40, 3]]) as unknown as [number, number];
  const written = readFileSync(join(folder, 'auto.csv'), 'utf8');
  expect(written).toContain(`,-1,pages ${pages.toPrecision(3)}; minutes ${minutes.toPrecision(3)}\n`);
  const judged = await inside([...args, '--task', 'outlier', '--ignore', 'note', '--out', 'auto.csv']);
  const { detector: name, mostAbnormal } = JSON.parse(judged.stdout) as {
    detector: string;
    mostAbnormal: { line: number; reason: string }[];
  };
  expect(name).toBe('IsolationForest');
  expect(mostAbnormal.find(({ line }) => line === 6)!.reason).toMatch(/^minutes .*; pages /);
});

test('where auto takes a detector that has no parts to explain by, the summary names it', async () => {
  const lines = Array.from({ length: 253_000 }, (_, i) => `${i % 97},${(7 * i) % 89}`); // all pairs would take too long
  writeFileSync(join(folder, 'wide.csv'), `pages,minutes\n${lines.join('\n')}\n`);
  const args = ['--task', 'novelty', '--train', 'wide.csv', '--explain', '--out', 'plain.csv'];
  const { status, stdout } = await inside(['detect', 'data.csv', ...args]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/not explained: the score of GaussianMixture is no sum over features.*Mahalanobis/);
  expect(readFileSync(join(folder, 'plain.csv'), 'utf8')).toMatch(/^note,pages,minutes,anomaly_score,anomaly_label\n/);
}, 30_000);

const many = [
  ...Array.from({ length: 90 }, (_, i) => [10 + Math.sin(7 * i), 3 + Math.cos(5 * i)]),
  ...Array.from({ length: 10 }, () => [40, -30]),
];
const reference = Array.from({ length: 300 }, (_, i) => [10 + Math.sin(3 * i + 0.5), 3 + Math.cos(i)]);

test('conformal: the alarms of SplitConformal, by a file of calibration rows or a third of the training rows', async () => {
  writeFileSync(join(folder, 'many.csv'), csv(many));
  writeFileSync(join(folder, 'reference.csv'), csv(reference));
  const args = ['detect', 'many.csv', '--task', 'novelty', '--detector', 'Mahalanobis', '--threshold', 'conformal'];
  const labels = (file: string) =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(2).map(Number));
  const given = [
    ...args,
    '--train',
    'clean.csv',
    '--calibration',
    'reference.csv',
    '--alpha',
    '0.05',
    '--out',
    'c.csv',
  ];
  const { status, stdout } = await inside(given);
  expect(status).toBe(0);
  const detector = new novelty.Mahalanobis({ scaler: 'standard' }).fit(clean);
  const conformal = new SplitConformal(detector, reference);
  const expected = conformal.predict(many, { alpha: 0.05 });
  expect(labels('c.csv').map(([, label]) => label)).toEqual([...expected]);
  expect(labels('c.csv').map(([, , p]) => p)).toEqual([...conformal.pValue(many)]);
  expect(stdout).toContain('at alpha 0.05 by 300 calibration rows');
  expect(await inside([...args, '--train', 'reference.csv', '--out', 'd.csv'])).toMatchObject({ status: 0 });
  const kept = new SplitConformal(
    new novelty.Mahalanobis({ scaler: 'standard' }).fit(reference.filter((_, i) => i % 3 !== 2)),
    reference.filter((_, i) => i % 3 === 2),
  );
  expect(labels('d.csv').map(([, label]) => label)).toEqual([...kept.predict(many)]);
});

test('pot: the threshold of PeaksOverThreshold, in both tasks', async () => {
  writeFileSync(join(folder, 'many.csv'), csv(many));
  writeFileSync(join(folder, 'reference.csv'), csv(reference));
  const args = ['--threshold', 'pot', '--risk', '0.002', '--detector', 'Mahalanobis', '--json'];
  const { stdout } = await inside(['detect', 'many.csv', '--task', 'novelty', '--train', 'reference.csv', ...args]);
  const detector = new novelty.Mahalanobis({ scaler: 'standard' }).fit(reference);
  const { offset } = new PeaksOverThreshold(detector).detectorAt(0.002);
  expect(JSON.parse(stdout)).toMatchObject({
    outliers: many.filter((_, i) => detector.scoreSamples(many)[i]! < offset).length,
    threshold: `threshold ${offset.toPrecision(6)}, which a normal row falls below with probability 0.002`,
  });
  const judged = await inside(['detect', 'reference.csv', '--task', 'outlier', ...args, '--out', 'p.csv']);
  expect(JSON.parse(judged.stdout)).toMatchObject({ outliers: 0 });
  expect(readFileSync(join(folder, 'p.csv'), 'utf8')).toMatch(
    /^pages,minutes,anomaly_score,anomaly_label,anomaly_p_value\n/,
  );
});

test('rows with a hole that is skipped are not judged', async () => {
  writeFileSync(join(folder, 'holed.csv'), 'pages,minutes\n10,4\n,3\n40,-30\n');
  const shared = ['--train', 'clean.csv', '--detector', 'KNearestNeighbors', '--missing', 'skip', '--explain'];
  const { stdout } = await inside(['detect', 'holed.csv', '--task', 'novelty', ...shared, '--out', 'h.csv']);
  expect(stdout).toContain('1 rows with a hole are not judged');
  expect(readFileSync(join(folder, 'h.csv'), 'utf8').split('\n')[2]).toBe(',3,NaN,0,');
});

test('a detector with a network is loaded, trained and explained', async () => {
  const args = ['detect', 'data.csv', '--task', 'novelty', '--train', 'clean.csv', '--detector', 'AutoEncoder'];
  const { status, stdout } = await inside([...args, '--explain', '--json']);
  expect(status).toBe(0);
  const { detector, rows, mostAbnormal } = JSON.parse(stdout) as Record<string, { line: number; reason: string }[]>;
  expect({ detector, rows }).toEqual({ detector: 'AutoEncoder', rows: 4 });
  expect(mostAbnormal!.slice(0, 2).map(({ line }) => line)).toEqual(expect.arrayContaining([3, 6]));
  expect(mostAbnormal![0]!.reason).toMatch(/^(pages|minutes) /);
}, 30_000);

test('a file of many batches gives each row the score it has alone', async () => {
  const rows = Array.from({ length: 9000 }, (_, i) => [10 + Math.sin(i), 3 + Math.cos(i)]);
  writeFileSync(join(folder, 'long.csv'), csv(rows));
  const shared = ['--train', 'clean.csv', '--detector', 'Mahalanobis', '--out', 'long-scored.csv'];
  const { status, stderr } = await inside(['detect', 'long.csv', '--task', 'novelty', ...shared], true);
  expect(status).toBe(0);
  expect(stderr).toMatch(/scoring .*100 %/);
  const written = readFileSync(join(folder, 'long-scored.csv'), 'utf8').trim().split('\n');
  const scores = new novelty.Mahalanobis({ scaler: 'standard' }).fit(clean).scoreSamples(rows);
  expect(written).toHaveLength(9001);
  expect(written.slice(1).map((line) => Number(line.split(',')[2]))).toEqual([...scores]);
});

test.each([
  ['text', 'pages,minutes\n1,2\n3,many\n', /line 3, column 'minutes': "many" is not a finite number/],
  ['a hole', 'pages,minutes\n1,2\n,4\n', /line 3, column 'pages' has no value/],
  ['a short row', 'pages,minutes\n1,2\n3\n', /line 3/],
  ['a column missing', 'pages\n1\n', /has no column 'minutes'/],
  ['two of a name', 'pages,pages\n1,2\n', /two columns 'pages'/],
  ['no names', '1,2\n3,4\n', /line 1 holds numbers/],
  ['nothing', '', /is empty/],
  ['no rows', 'pages,minutes\n', /has no rows/],
])('bad data: %s', async (_, text, message) => {
  writeFileSync(join(folder, 'bad.csv'), text);
  const shared = ['--task', 'novelty', '--train', 'clean.csv', '--out', 'never.csv'];
  const { status, stderr } = await inside(['detect', 'bad.csv', ...shared]);
  expect(stderr).toMatch(message);
  expect(stderr).toContain('bad.csv');
  expect(status).toBe(1);
  expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
});

test('bad usage, a file that is not there, help', async () => {
  const refused: [string[], RegExp][] = [
    [[], /the command is 'detect'/],
    [['detect', '--task', 'outlier'], /takes one CSV file/],
    [['detect', 'data.csv'], /--task is missing/],
    [['detect', 'data.csv', '--task', 'novelty'], /--train clean\.csv/],
    [['detect', 'data.csv', '--task', 'outlier', '--fast'], /--fast/],
    [['detect', 'data.csv', '--task', 'outlier', '--out', 'data.csv'], /would overwrite/],
    [['detect', 'clean.csv', '--task', 'outlier', '--detector', 'Oracle'], /not one of auto, /],
    [
      ['detect', 'clean.csv', '--task', 'outlier', '--detector', 'LocalOutlierFactor', '--explain'],
      /the score of LocalOutlierFactor is no sum.*Such parts have .*Mahalanobis/,
    ],
    [['detect', 'clean.csv', '--task', 'outlier', '--threshold', 'conformal'], /needs clean rows/],
    [['detect', 'clean.csv', '--task', 'outlier', '--threshold', 'best'], /not one of share, conformal, pot/],
    [['detect', 'clean.csv', '--task', 'outlier', '--risk', '0.1'], /--risk belongs to --threshold pot/],
    [['detect', 'clean.csv', '--task', 'outlier', '--threshold', 'pot', '--risk', '2'], /--risk is 2/],
    [
      ['detect', 'clean.csv', '--task', 'outlier', '--threshold', 'pot', '--contamination', '0.1'],
      /belongs to --threshold share/,
    ],
  ];
  for (const [args, message] of refused) {
    const { status, stderr } = await inside(args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  }
  expect(await inside(['detect', 'none.csv', '--task', 'outlier'])).toMatchObject({ status: 1, stdout: '' });
  const wrong = await inside(['detect', 'clean.csv', '--task', 'outlier', '--contamination', '0.7']);
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringMatching(/'contamination' parameter/) as string });
  expect(await inside(['--help'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage/) as string });
});
