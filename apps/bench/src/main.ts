import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { guard } from './guard';
import { writeMarkdown } from './markdown';
import { measure } from './measure';
import { scoreNab } from './nab';
import { PEERS, type Peer } from './row';
import { rows } from './rows';
import { startSides } from './sides';
import { formatTable, type Line } from './table';

const USAGE = `pnpm bench [--only NAME] [--peers tfjs,torch,jax,ort] [--json FILE] [--markdown FILE] [--guard]
  --only NAME   rows whose name contains this
  --peers LIST  whom to compare with; all that are installed unless given
  --json FILE   writes machine, versions and every number
  --markdown FILE  writes the table between the markers of a Markdown file: README.md
  --only nab --data DIR  how good the detectors of series are on the series of NAB in a folder, instead of how fast
  --guard       compares with tfjs alone, briefly, and fails where a ratio is below a third of its goal`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    peers: { type: 'string', default: PEERS.join(',') },
    json: { type: 'string' },
    markdown: { type: 'string' },
    data: { type: 'string' },
    guard: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const peers = values.peers.split(',').map((name) => PEERS.find((peer) => peer === name));
const chosen = rows.filter((row) => row.name.includes(values.only));
if (values.only === 'nab' && values.data !== undefined && !values.help) {
  scoreNab(values.data, console.log);
  process.exit(0);
}
if (values.help || peers.includes(undefined) || chosen.length === 0) {
  console.log(USAGE);
  if (chosen.length === 0) console.log(`rows:\n${rows.map((row) => `  ${row.name}`).join('\n')}`);
  process.exit(values.help ? 0 : 2);
}

if (values.guard) {
  process.exitCode = await guard(chosen);
} else {
  const { sides, missing } = await startSides(peers as Peer[]);
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    node: process.version,
    sides: Object.fromEntries([
      ...sides.map(({ name, about }) => [name, about] as const),
      ...[...missing].map(([peer, reason]) => [peer, reason] as const),
    ]),
  };
  console.log(`${about.date}, ${about.machine}, Node ${about.node}, one thread, medians of 7 interleaved rounds`);
  for (const [name, text] of Object.entries(about.sides)) console.log(`${name.padEnd(6)}${text}`);

  const lines: Line[] = [];
  for (const row of chosen) {
    process.stderr.write(`${row.name}\n`);
    lines.push({ row, times: await measure(row, sides, { rounds: 7, turn: 60 }) });
  }
  for (const side of sides) side.close();
  console.log(`\n${formatTable(lines, peers as Peer[], missing)}`);
  if (values.markdown !== undefined) {
    const where = `${about.date}, ${about.machine}, Node ${about.node}, one thread, medians of interleaved rounds.`;
    writeMarkdown(values.markdown, lines, `${where} Ratios are the other's time by ours: above 1, ours is faster.`);
  }
  if (values.json !== undefined) {
    const measured = lines.map(({ row, times }) => ({
      name: row.name,
      goals: row.goals ?? {},
      ms: Object.fromEntries(times),
    }));
    writeFileSync(values.json, `${JSON.stringify({ ...about, rows: measured }, null, 2)}\n`);
  }
}
