import useDocusaurusContext from '@docusaurus/useDocusaurusContext';

/** The words of the language of the page, out of both. */
export function useWords<T>(words: { readonly en: T; readonly ko: T }): T {
  return useDocusaurusContext().i18n.currentLocale === 'ko' ? words.ko : words.en;
}
