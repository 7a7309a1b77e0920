import type { EditorView } from '@codemirror/view';
import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { Drawing } from '../display/drawing.tsx';
import { usePlaygroundLabels } from './labels.ts';
import styles from './playground.module.css';
import { type Run, useRun } from './use-run.ts';

/**
 * An example that runs in the page, and can be changed: `<Playground example="cnn/convolution" />` in a chapter shows
 * `examples/cnn/convolution.ts`. The text of the file comes in as `code` when the page is built.
 */
export default function Playground({
  example,
  code = '',
}: {
  readonly example: string;
  readonly code?: string;
}): ReactNode {
  const t = usePlaygroundLabels();
  const { run, start, stop, reset } = useRun();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const loading = useRef<Promise<EditorView | null> | null>(null);

  const begin = useCallback(() => start(view.current?.state.doc.toString() ?? code), [start, code]);
  const beginNow = useRef(begin);
  beginNow.current = begin;

  // The editor is fetched when the reader comes near; until then, and without JavaScript, the code stands there as text.
  const openEditor = useCallback(() => {
    loading.current ??= import('./editor.ts').then(({ createEditor }) => {
      if (!place.current) return null;
      place.current.replaceChildren();
      view.current = createEditor({ parent: place.current, code, label: t.code, onRun: () => beginNow.current() });
      return view.current;
    });
  }, [code, t]);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && openEditor(), {
      rootMargin: '100px',
    });
    if (place.current) observer.observe(place.current);
    return () => {
      observer.disconnect();
      view.current?.destroy();
      view.current = null;
      loading.current = null;
    };
  }, [openEditor]);

  useEffect(() => {
    if (view.current)
      void import('./editor.ts').then(({ markLine }) => view.current && markLine(view.current, run.errorLine));
  }, [run.errorLine]);

  const startOver = () => {
    reset();
    view.current?.dispatch({ changes: { from: 0, to: view.current.state.doc.length, insert: code } });
  };

  return (
    <section className={styles.playground} data-example={example} data-state={run.state} aria-label={`${example}.ts`}>
      <header className={styles.bar}>
        <span className={styles.name}>{example}.ts</span>
        <button
          type="button"
          className="button button--primary button--sm"
          onClick={begin}
          disabled={run.state === 'running'}
        >
          {t.run}
        </button>
        <button
          type="button"
          className="button button--secondary button--sm"
          onClick={stop}
          disabled={run.state !== 'running'}
        >
          {t.stop}
        </button>
        <button type="button" className="button button--secondary button--sm" onClick={startOver}>
          {t.reset}
        </button>
        <span role="status" className={styles.status}>
          <Status run={run} />
        </span>
      </header>
      <div ref={place} className={styles.editor}>
        <pre className={styles.text}>{code}</pre>
      </div>
      {run.state === 'running' ? (
        <progress className={styles.progress} {...(run.progress ? { value: run.progress.fraction } : {})} />
      ) : null}
      {run.lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long output is scrolled by keyboard
        <section className={styles.console} aria-label={t.console} tabIndex={0}>
          {run.lines.map(({ level, text }, i) => (
            <div key={i} className={level === 'error' ? styles.error : level === 'warn' ? styles.warning : undefined}>
              {text}
            </div>
          ))}
          {run.dropped > 0 ? <div className={styles.warning}>{t.tooMuch(run.dropped)}</div> : null}
        </section>
      ) : null}
      {run.shown.map((it, i) => (
        <Drawing key={i} shown={it} />
      ))}
    </section>
  );
}

function Status({ run }: { readonly run: Run }): ReactNode {
  const t = usePlaygroundLabels();
  switch (run.state) {
    case 'running':
      return run.progress?.text || t.running;
    case 'done':
      return t.done((run.milliseconds / 1000).toFixed(run.milliseconds < 10_000 ? 2 : 0));
    case 'failed':
      return run.errorLine === undefined ? t.failed : t.failedAt(run.errorLine);
    default:
      return t[run.state];
  }
}
