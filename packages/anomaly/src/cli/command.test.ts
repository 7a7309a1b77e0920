import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { novelty, outlier } from '..';
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
  const { status, stdout } = await inside([...args, '--contamination', '0.25']);
  expect(status).toBe(3);
  expect(stdout).toMatch(/1 of 4 rows are anomalous \(25\.00 %\)\noutlier\.Mahalanobis on 2 features/);
  const detector = new outlier.Mahalanobis({ scaler: 'standard', contamination: 0.25 });
  detector.fitPredict(data);
  const written = readFileSync(join(folder, 'why.csv'), 'utf8').split('\n');
  expect(written[0]).toMatch(/anomaly_label,anomaly_reason$/);
  expect(written[1]).toContain(`plain,10,4,${detector.scores[0]},1,`);
  expect(written[1]).toMatch(/minutes -?[\d.e-]+; pages|pages -?[\d.e-]+; minutes/);
});

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
      /Mahalanobis.* have/,
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
