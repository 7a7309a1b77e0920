import { init } from '@dl/core';
import { Command, Option } from 'commander';
import { chapters } from './chapters';
import { runTour } from './tour';

const names = chapters.map(({ name }) => name);
const { only, full } = new Command('npm start --')
  .description('A tour of @dl: each chapter computes on real data and is held against a reference.')
  .addOption(new Option('--only <chapters...>', 'run these chapters only').choices(names))
  .option('--full', 'train longer, to better results', false)
  .parse()
  .opts<{ only?: string[]; full: boolean }>();

const control = new AbortController();
process.on('SIGINT', () => {
  if (control.signal.aborted) process.exit(130); // asked twice: at once
  control.abort();
});

const print = (text = '') => void process.stdout.write(`${text}\n`);
const { backend, simd } = await init();
print(`@dl on ${backend}, ${simd === undefined ? 'no SIMD' : `${simd} SIMD`}, Node ${process.versions.node}`);

const chosen = only === undefined ? chapters : chapters.filter(({ name }) => only.includes(name));
process.exitCode = await runTour(chosen, { print, full, signal: control.signal });
