/// <reference lib="webworker" />
import { modules } from '@generated/browser-bundle/default/modules.js';
import { dataFrom } from '../display/data.ts';
import { displayOn } from '../display/display.ts';
import type { RunMessage, RunRequest } from './messages.ts';
import { print } from './print.ts';
import { lineOf, runExample } from './run-example.ts';

const post = (message: RunMessage) => self.postMessage(message);

const say =
  (level: 'log' | 'warn' | 'error') =>
  (...values: unknown[]) =>
    post({ type: 'log', level, text: values.map(print).join(' ') });

self.onmessage = async ({ data: { code, dataUrl } }: MessageEvent<RunRequest>) => {
  const display = displayOn({
    show: (shown) => post({ type: 'show', shown }),
    progress: (fraction, text) => post({ type: 'progress', fraction, text }),
  });
  const data = dataFrom(async (name) => {
    const response = await fetch(dataUrl + name);
    if (!response.ok) throw new Error(`${name}: the site answered ${response.status}`);
    return response.arrayBuffer();
  });
  const load = (name: string): Promise<unknown> => {
    if (name === 'dl:display') return Promise.resolve(display);
    if (name === 'dl:data') return Promise.resolve(data);
    const module = modules[name];
    if (!module)
      throw new Error(
        `Cannot import '${name}'. Here are: ${['dl:display', 'dl:data', ...Object.keys(modules)].join(', ')}`,
      );
    return module();
  };
  const table = (rows: unknown) =>
    display.table('', Array.isArray(rows) ? rows : [rows as Record<string, string | number>]);
  const start = performance.now();
  try {
    await runExample(code, {
      load,
      console: { log: say('log'), info: say('log'), warn: say('warn'), error: say('error'), table },
    });
    post({ type: 'done', milliseconds: performance.now() - start });
  } catch (error) {
    const line = lineOf(error);
    post({ type: 'failed', text: print(error), ...(line === undefined ? {} : { line }) });
  }
};
