import { describe, expect, it } from 'vitest';
import { marked } from './marked.ts';
import { createSearch, type Section, snippet } from './search.ts';
import { indexTokens, queryTokens } from './tokens.ts';

describe('tokens', () => {
  it('are words, in lower case, and the parts of names', () => {
    expect(indexTokens('Call scoreSamples of @dl/anomaly')).toEqual([
      'call',
      'scoresamples',
      'score',
      'samples',
      'of',
      'dl',
      'anomaly',
    ]);
    expect(indexTokens('LSTMCell conv2d')).toEqual(['lstmcell', 'lstm', 'cell', 'conv2d', 'conv', '2', 'd']);
    expect(queryTokens('scoreSamples')).toEqual(['scoresamples']);
  });

  it('are pairs of syllables for Hangul, and its last syllable where a page is indexed', () => {
    expect(indexTokens('순환신경망')).toEqual(['순환', '환신', '신경', '경망', '망']);
    expect(queryTokens('신경망')).toEqual(['신경', '경망']);
    expect(queryTokens('망')).toEqual(['망']);
  });

  it('tell scripts apart where no space does', () => {
    expect(queryTokens('LSTM은')).toEqual(['lstm', '은']);
    expect(queryTokens('2차원')).toEqual(['2', '차원']);
  });

  it('leave out a syllable that is half typed, and join one that is decomposed', () => {
    expect(queryTokens('신경ㅁ')).toEqual(['신경']);
    expect(queryTokens('망'.normalize('NFD'))).toEqual(['망']);
  });
});

const section = (page: string, text: string, more: Partial<Section> = {}): Section => ({
  url: `course/${page}/`,
  group: 'course',
  page,
  text,
  ...more,
});

describe('search', () => {
  const pages = [
    section('합성곱', '필터가 이미지 위를 움직인다'),
    section('RNN', '순환신경망은 앞에서 본 것을 기억한다'),
    section('LSTM', '기울기 소실을 막는다', { heading: '게이트' }),
    section('iForest', 'scoreSamples', { group: '@dl/anomaly', url: 'api/anomaly/classes/IsolationForest/' }),
  ];
  const urls = (groups: Awaited<ReturnType<Awaited<ReturnType<typeof createSearch>>>>) =>
    groups.flatMap(({ found }) => found.map((it) => it.section.page));

  it('finds a word inside a Korean compound, and before a particle', async () => {
    const search = await createSearch(pages);
    expect(urls(search('신경망'))).toEqual(['RNN']);
    expect(urls(search('소실'))).toEqual(['LSTM']);
    expect(urls(search('망'))).toEqual(['RNN']);
  });

  it('finds names by their beginning and by their parts, in any case', async () => {
    const search = await createSearch(pages);
    expect(urls(search('lst'))).toEqual(['LSTM']);
    expect(urls(search('samples'))).toEqual(['iForest']);
    expect(search('scoresamples')[0]?.group).toBe('@dl/anomaly');
  });

  it('falls back to any of the words where no section has all, and to nothing where none has one', async () => {
    const search = await createSearch(pages);
    expect(urls(search('신경망을'))).toEqual(['RNN']);
    expect(search('kubernetes')).toEqual([]);
    expect(search('…')).toEqual([]);
  });

  it('shows three sections of a page at most', async () => {
    const many = Array.from({ length: 9 }, (_, i) =>
      section('pooling', 'max pooling', { url: `course/pooling/#${i}` }),
    );
    expect(urls((await createSearch(many))('pooling'))).toHaveLength(3);
  });

  it('shows the text around what was found', () => {
    const text = `${'앞 '.repeat(80)}순환신경망 ${'뒤 '.repeat(200)}`;
    expect(snippet(text, queryTokens('신경망'))).toMatch(/^… .*순환신경망.* …$/);
    expect(snippet('short', ['none'])).toBe('short');
    expect(marked('순환신경망', '신경망')).toEqual([
      { text: '순환', hit: false },
      { text: '신경망', hit: true },
    ]);
    expect(marked('a (b', '(b')).toEqual([
      { text: 'a (', hit: false },
      { text: 'b', hit: true },
    ]);
  });
});
