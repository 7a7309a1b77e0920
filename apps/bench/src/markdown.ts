import { readFileSync, writeFileSync } from 'node:fs';
import { PEERS, type Peer } from './row';
import { type Line, meets } from './table';

const START = '<!-- speed -->';
const END = '<!-- /speed -->';

const NAMES: Partial<Record<Peer, string>> = {
  cpu: 'tfjs-cpu',
  layers: 'tfjs-layers',
  self: 'itself',
  jax: 'jax-js',
  ort: 'onnxruntime-web',
  sklearn: 'scikit-learn',
};

/**
 * Writes the measured rows as a table between the two markers of a Markdown file: by hand nothing is typed.
 *
 * @param about what was measured where, as one line
 */
export function writeMarkdown(file: string, lines: readonly Line[], about: string): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${file} has no ${START} ... ${END} to write the table into`);
  const rows = lines.map(({ row, times }) => {
    const ours = times.get('ours')!;
    const against = (peer: Peer) => {
      const theirs = times.get(peer);
      if (theirs === undefined) return '';
      const [ratio, goal] = [theirs / ours, row.goals?.[peer]];
      const wanted =
        goal === undefined ? '' : ` (goal ${Number(goal.toPrecision(3))}x${meets(ratio, goal) ? '' : ', missed'})`;
      return `${ratio.toPrecision(3)}x${wanted}`;
    };
    const others = PEERS.filter((peer) => peer !== 'tfjs' && peer !== 'torch' && times.has(peer));
    const named = others.map((peer) => `${NAMES[peer] ?? peer} ${against(peer)}`).join(', ');
    return `| ${row.name} | ${ours.toPrecision(3)} ms | ${against('tfjs')} | ${against('torch')} | ${named} |`;
  });
  const head = ['| | ours | of stock tfjs-wasm | of PyTorch | of others |', '|---|--:|--:|--:|:--|'];
  const table = [...head, ...rows].join('\n');
  writeFileSync(file, `${text.slice(0, from)}${START}\n\n${about}\n\n${table}\n\n${text.slice(to)}`);
}
