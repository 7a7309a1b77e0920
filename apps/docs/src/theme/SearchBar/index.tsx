import { useHistory } from '@docusaurus/router';
import useBaseUrl from '@docusaurus/useBaseUrl';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { marked } from '../../search/marked.ts';
import { useSearchLabels } from './labels.ts';
import styles from './search-bar.module.css';
import { useSearch } from './use-search.ts';

/** The search box: a combobox over a list of groups of links. Ctrl or Command with K goes there. */
export default function SearchBar(): ReactNode {
  const t = useSearchLabels();
  const base = useBaseUrl('/');
  const history = useHistory();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLElement>(null);
  const { state, search, load } = useSearch();
  const [question, setQuestion] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);

  const groups = useMemo(() => (state === 'ready' ? search(question) : []), [state, search, question]);
  const urls = groups.flatMap(({ found }) => found.map((it) => base + it.section.url));
  const option = (i: number) => `${id}-${i}`;
  const asked = question.trim() !== '';
  const shown = open && asked;

  useEffect(() => {
    const toBox = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    const away = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('keydown', toBox);
    document.addEventListener('pointerdown', away);
    return () => {
      document.removeEventListener('keydown', toBox);
      document.removeEventListener('pointerdown', away);
    };
  }, []);

  useEffect(() => {
    if (active >= 0) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [active, id]);

  const go = (url: string) => {
    setOpen(false);
    setQuestion('');
    setActive(-1);
    input.current?.blur();
    history.push(url);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return; // Enter and arrows belong to the syllable that is being typed
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && urls.length > 0) {
      event.preventDefault();
      setOpen(true);
      setActive((at) => (at < 0 && step < 0 ? urls.length - 1 : (at + step + urls.length) % urls.length));
    } else if (event.key === 'Enter') {
      const url = urls[Math.max(0, active)];
      if (shown && url !== undefined) go(url);
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else setQuestion('');
      setActive(-1);
    }
  };

  let number = 0;
  return (
    <search ref={box} className={styles.search}>
      <input
        ref={input}
        className={`navbar__search-input ${styles.input}`}
        type="search"
        role="combobox"
        aria-label={t.search}
        aria-autocomplete="list"
        aria-expanded={shown && urls.length > 0}
        aria-controls={`${id}-list`}
        aria-keyshortcuts="Control+K Meta+K"
        {...(shown && active >= 0 && active < urls.length ? { 'aria-activedescendant': option(active) } : {})}
        placeholder={t.search}
        autoComplete="off"
        spellCheck={false}
        value={question}
        onFocus={() => {
          load();
          setOpen(true);
        }}
        onBlur={(event) => {
          if (!box.current?.contains(event.relatedTarget)) setOpen(false);
        }}
        onChange={(event) => {
          setQuestion(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.panel} hidden={!shown}>
        <p role="status" className={state === 'ready' && urls.length > 0 ? styles.count : styles.message}>
          {shown ? said(t, state, urls.length) : ''}
        </p>
        <div id={`${id}-list`} role="listbox" aria-label={t.results}>
          {groups.map(({ group, found }, g) => (
            // biome-ignore lint/a11y/useSemanticElements: a listbox holds no fieldset
            <div key={group} role="group" aria-labelledby={`${id}-group-${g}`}>
              <div id={`${id}-group-${g}`} className={styles.group}>
                {t.groups[group] ?? group}
              </div>
              {found.map(({ section, snippet }) => {
                const at = number++;
                const url = base + section.url;
                return (
                  <a
                    key={section.url}
                    id={option(at)}
                    role="option"
                    aria-selected={at === active}
                    tabIndex={-1}
                    href={url}
                    className={styles.option}
                    onPointerMove={() => setActive(at)}
                    onClick={(event) => {
                      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                      event.preventDefault();
                      go(url);
                    }}
                  >
                    <span className={styles.title}>
                      <Marked text={section.page} question={question} />
                      {section.heading === undefined ? null : (
                        <>
                          {' › '}
                          <Marked text={section.heading} question={question} />
                        </>
                      )}
                    </span>
                    <span className={styles.snippet}>
                      <Marked text={snippet} question={question} />
                    </span>
                  </a>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </search>
  );
}

function said(
  t: ReturnType<typeof useSearchLabels>,
  state: ReturnType<typeof useSearch>['state'],
  count: number,
): string {
  if (state === 'none') return t.notBuilt;
  if (state === 'failed') return t.failed;
  if (state !== 'ready') return t.loading;
  return count === 0 ? t.nothing : t.count(count);
}

function Marked({ text, question }: { readonly text: string; readonly question: string }): ReactNode {
  return marked(text, question).map((piece, i) => (piece.hit ? <mark key={i}>{piece.text}</mark> : piece.text));
}
