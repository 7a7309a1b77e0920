import useBaseUrl from '@docusaurus/useBaseUrl';
import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { Shown } from '../display/shown.ts';
import type { RunMessage } from './messages.ts';

/** One run as the page sees it. */
export interface Run {
  readonly state: 'ready' | 'running' | 'done' | 'failed' | 'stopped';
  readonly lines: readonly { readonly level: string; readonly text: string }[];
  /** Lines beyond the first thousand: counted, not kept. */
  readonly dropped: number;
  readonly shown: readonly Shown[];
  readonly progress: { readonly fraction: number; readonly text: string } | undefined;
  readonly milliseconds: number;
  readonly errorLine: number | undefined;
}

const ready: Run = {
  state: 'ready',
  lines: [],
  dropped: 0,
  shown: [],
  progress: undefined,
  milliseconds: 0,
  errorLine: undefined,
};

const mostLines = 1000;

type Action =
  | { readonly type: 'messages'; readonly messages: readonly RunMessage[] }
  | { readonly type: 'start' | 'stop' | 'reset' };

function after(run: Run, action: Action): Run {
  switch (action.type) {
    case 'start':
      return { ...ready, state: 'running' };
    case 'stop':
      return { ...run, state: run.state === 'running' ? 'stopped' : run.state, progress: undefined };
    case 'reset':
      return ready;
    case 'messages':
      return action.messages.reduce(afterMessage, run);
  }
}

function withLine(run: Run, level: string, text: string): Run {
  if (run.lines.length >= mostLines) return { ...run, dropped: run.dropped + 1 };
  return { ...run, lines: [...run.lines, { level, text }] };
}

function afterMessage(run: Run, message: RunMessage): Run {
  switch (message.type) {
    case 'log':
      return withLine(run, message.level, message.text);
    case 'show': {
      // The same title draws over what it drew before: a chart that grows.
      const { kind, title } = message.shown;
      const at = run.shown.findIndex((it) => it.kind === kind && it.title === title && title !== '');
      return {
        ...run,
        shown: at < 0 ? [...run.shown, message.shown] : run.shown.map((it, i) => (i === at ? message.shown : it)),
      };
    }
    case 'progress':
      return { ...run, progress: { fraction: message.fraction, text: message.text } };
    case 'done':
      return { ...run, state: 'done', milliseconds: message.milliseconds, progress: undefined };
    case 'failed':
      return { ...withLine(run, 'error', message.text), state: 'failed', errorLine: message.line, progress: undefined };
  }
}

/** Runs code in a worker of its own, which `stop` ends even within an endless loop. */
export function useRun(): {
  readonly run: Run;
  readonly start: (code: string) => void;
  readonly stop: () => void;
  readonly reset: () => void;
} {
  const [run, dispatch] = useReducer(after, ready);
  const worker = useRef<Worker | null>(null);
  const dataPath = useBaseUrl('/data/');

  const end = useCallback(() => {
    worker.current?.terminate();
    worker.current = null;
  }, []);
  useEffect(() => end, [end]);

  const start = useCallback(
    (code: string) => {
      end();
      dispatch({ type: 'start' });
      const started = new Worker(new URL('./runner.worker.ts', import.meta.url));
      worker.current = started;
      // What arrives between two frames is drawn once, however fast the example talks.
      let waiting: RunMessage[] = [];
      const flush = () => {
        const messages = waiting;
        waiting = [];
        if (worker.current !== started) return;
        dispatch({ type: 'messages', messages });
        if (messages.some(({ type }) => type === 'done' || type === 'failed')) end();
      };
      const receive = (message: RunMessage) => {
        if (waiting.length === 0) requestAnimationFrame(flush);
        waiting.push(message);
      };
      started.onmessage = ({ data }: MessageEvent<RunMessage>) => receive(data);
      started.onerror = ({ message }) => receive({ type: 'failed', text: message });
      started.postMessage({ code, dataUrl: new URL(dataPath, location.href).href });
    },
    [dataPath, end],
  );

  const stop = useCallback(() => {
    end();
    dispatch({ type: 'stop' });
  }, [end]);

  const reset = useCallback(() => {
    end();
    dispatch({ type: 'reset' });
  }, [end]);

  return { run, start, stop, reset };
}
