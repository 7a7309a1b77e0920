import type { Shown } from '../display/shown.ts';

/** What the page asks of the worker. */
export interface RunRequest {
  readonly code: string;
  /** Address of the site's `data/` folder, with a slash at its end. */
  readonly dataUrl: string;
}

/** What the worker tells the page. */
export type RunMessage =
  | { readonly type: 'log'; readonly level: 'log' | 'warn' | 'error'; readonly text: string }
  | { readonly type: 'show'; readonly shown: Shown }
  | { readonly type: 'progress'; readonly fraction: number; readonly text: string }
  | { readonly type: 'done'; readonly milliseconds: number }
  | { readonly type: 'failed'; readonly text: string; readonly line?: number };
