import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { init } from '../backend/init';
import { sgd } from '../optim';
import { fit } from './fit';
import { progress } from './progress';
import { Net, squares, waves } from './test-net';

beforeAll(async () => {
  await init();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Back to the start of the line, and the line is empty. */
const REDRAW = '\r\x1b[2K';

function terminal(isTTY: boolean, columns = 120) {
  const written: string[] = [];
  return { isTTY, columns, write: (text: string) => void written.push(text), text: () => written.join('') };
}
const run = (epochs = 2) => fit(new Net(), { data: waves(), loss: squares, optimizer: sgd({ lr: 0.1 }), epochs });

test('a stream that is no terminal gets one line an epoch and no control characters', async () => {
  const stream = terminal(false);
  await progress(run(), { stream }).finish({ validate: waves() });
  const number = String.raw`\d[\d.e-]*`;
  expect(stream.text()).toMatch(
    new RegExp(`^(epoch [12]/2  loss ${number}  validation loss ${number}  ${number} s\n){2}$`),
  );
});

test('a terminal gets a bar, and a line when an epoch is done', async () => {
  vi.stubEnv('CI', '');
  const stream = terminal(true);
  for await (const step of progress(run(), { stream }).steps()) {
    if (step.index === 3) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const drawn = stream.text().split(REDRAW);
  expect(drawn[1]).toMatch(/^epoch 1\/2 ━━━ {22}1\/8 {2}loss [\d.]+ {2}[\d.]+ batches\/s {2}[\d.]+ s left$/);
  const [, bar, batch] = /^epoch 1\/2 (━+) +(\d)\/8/.exec(drawn[2]!)!;
  expect(bar).toHaveLength(3 * Number(batch)); // 24 for 8
  expect(drawn.find((text) => text.includes('\n'))).toMatch(/^epoch 1\/2 {2}loss [\d.]+ {2}[\d.]+ s\n/);
  expect(stream.text().endsWith(' s\n')).toBe(true);
});

test('the bar fits the terminal, and is gone after a break', async () => {
  vi.stubEnv('CI', '');
  const stream = terminal(true, 20);
  const steps = progress(run(), { stream }).steps();
  await steps.next();
  await steps.return();
  const [, bar, rest] = stream.text().split(REDRAW);
  expect(bar).toHaveLength(19);
  expect(rest).toBe('');
});

test('in continuous integration a terminal counts as none', async () => {
  vi.stubEnv('CI', 'true');
  const stream = terminal(true);
  await progress(run(), { stream }).finish();
  expect(stream.text()).not.toContain('\x1b');
});

test('without process it writes to the console', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const training = run();
  vi.stubGlobal('process', undefined);
  progress(training);
  vi.unstubAllGlobals();
  await training.finish();
  expect(info).toHaveBeenCalledTimes(2);
  expect(info.mock.calls[0]![0]).toMatch(/^epoch 1\/2 {2}loss .* s$/);
  info.mockRestore();
});
