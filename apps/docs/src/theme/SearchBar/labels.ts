import useDocusaurusContext from '@docusaurus/useDocusaurusContext';

const en = {
  search: 'Search',
  results: 'What was found',
  loading: 'Loading the index…',
  nothing: 'Nothing found',
  count: (n: number) => (n === 1 ? '1 result' : `${n} results`),
  notBuilt: 'There is no index while the site is being developed: it is made when the site is built.',
  failed: 'The index could not be loaded.',
  groups: { course: 'Course', layers: 'Layer packages', guides: 'Guides' } as Readonly<Record<string, string>>,
};

const ko: typeof en = {
  search: '검색',
  results: '검색 결과',
  loading: '색인을 불러오는 중…',
  nothing: '찾은 것이 없어요',
  count: (n) => `결과 ${n}개`,
  notBuilt: '개발 서버에는 색인이 없어요. 색인은 사이트를 빌드할 때 만들어져요.',
  failed: '색인을 불러오지 못했어요.',
  groups: { course: '강좌', layers: '레이어 패키지', guides: '가이드' },
};

/** Words of the search box in the language of the page. */
export function useSearchLabels(): typeof en {
  return useDocusaurusContext().i18n.currentLocale === 'ko' ? ko : en;
}
