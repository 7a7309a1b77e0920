import MiniSearch from 'minisearch';
import { indexTokens, queryTokens } from './tokens.ts';

/** A part of a page: what stands below one of its headings. The build writes them all to `search-index.json`. */
export interface Section {
  /** Address without the base of the site: `course/rnn/#lstm`. */
  readonly url: string;
  /** `course`, `layers`, `guides`, or the name of a package. */
  readonly group: string;
  readonly page: string;
  /** Absent for the beginning of a page. */
  readonly heading?: string;
  readonly text: string;
}

export interface Found {
  readonly section: Section;
  /** The text around the first word that was found. */
  readonly snippet: string;
}

/** Answers of one group, best first. */
export interface FoundGroup {
  readonly group: string;
  readonly found: readonly Found[];
}

const shown = 12;
const perPage = 3;

/** Makes sections searchable; asynchronously, so that typing is not held up. */
export async function createSearch(sections: readonly Section[]): Promise<(question: string) => readonly FoundGroup[]> {
  const index = new MiniSearch<Section & { id: number }>({
    fields: ['page', 'heading', 'text'],
    tokenize: indexTokens,
    processTerm: (term) => term, // the tokens are in lower case
    searchOptions: { tokenize: queryTokens },
  });
  await index.addAllAsync(
    sections.map((section, id) => ({ id, ...section })),
    { chunkSize: 200 },
  );

  return (question) => {
    const words = queryTokens(question);
    if (words.length === 0) return [];
    const options = {
      prefix: true,
      fuzzy: (word: string) => (word.length > 5 && !/[가-힣]/.test(word) ? 0.2 : false),
      boost: { page: 4, heading: 3 },
      // A course is what one reads; an API page is what one looks a name up in.
      boostDocument: (id: number) => (sections[id]?.group.startsWith('@') ? 1 : 1.5),
    } as const;
    const all = index.search(question, { ...options, combineWith: 'AND' });
    const results = all.length > 0 ? all : index.search(question, { ...options, combineWith: 'OR' });

    const groups = new Map<string, Found[]>();
    const ofPage = new Map<string, number>();
    let count = 0;
    for (const { id } of results) {
      const section = sections[id as number];
      if (section === undefined) continue;
      const page = section.url.replace(/#.*/, '');
      const before = ofPage.get(page) ?? 0;
      if (before === perPage) continue;
      ofPage.set(page, before + 1);
      groups.set(section.group, [
        ...(groups.get(section.group) ?? []),
        { section, snippet: snippet(section.text, words) },
      ]);
      if (++count === shown) break;
    }
    return [...groups].map(([group, found]) => ({ group, found }));
  };
}

const around = 60;

/** About two lines of the text, around the first of the words. */
export function snippet(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const at = places.length > 0 ? Math.min(...places) : 0;
  const from = at <= around ? 0 : text.indexOf(' ', at - around) + 1 || at - around;
  const to = Math.min(text.length, from + 2.5 * around);
  return `${from > 0 ? '… ' : ''}${text.slice(from, to).trim()}${to < text.length ? ' …' : ''}`;
}
