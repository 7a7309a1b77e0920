import useBaseUrl from '@docusaurus/useBaseUrl';
import { useCallback, useRef, useState } from 'react';
import type { FoundGroup, Section } from '../../search/search.ts';

type Search = (question: string) => readonly FoundGroup[];
/** `none`: the development server has no index. */
type State = 'idle' | 'loading' | 'ready' | 'none' | 'failed';

/** The search, whose index is fetched by the first call of `load`. */
export function useSearch(): { readonly state: State; readonly search: Search; readonly load: () => void } {
  const url = useBaseUrl('/search-index.json');
  const [state, setState] = useState<State>('idle');
  const search = useRef<Search>(() => []);
  const started = useRef(false);

  const load = useCallback(() => {
    if (started.current) return;
    started.current = true;
    setState('loading');
    open(url).then(
      (found) => {
        if (found) search.current = found;
        setState(found ? 'ready' : 'none');
      },
      () => {
        started.current = false; // the next focus tries again
        setState('failed');
      },
    );
  }, [url]);

  return { state, search: search.current, load };
}

async function open(url: string): Promise<Search | undefined> {
  const [response, { createSearch }] = await Promise.all([fetch(url), import('../../search/search.ts')]);
  // The development server answers what it does not have with a page.
  if (response.status === 404 || response.headers.get('content-type')?.includes('html')) return undefined;
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return createSearch((await response.json()) as Section[]);
}
