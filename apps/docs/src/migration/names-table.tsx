import Link from '@docusaurus/Link';
import type { ReactNode } from 'react';
import styles from '../facts/facts.module.css';
import { useWords } from '../facts/labels.ts';
import { type NameRow, names } from './names.ts';

const words = {
  en: { there: (name: string) => `In ${name}`, here: 'Here', from: 'Import from', note: 'Note' },
  ko: { there: (name: string) => `${name}에서는`, here: '여기서는', from: '불러올 곳', note: '참고' },
};

const titles: Readonly<Record<keyof typeof names, string>> = {
  pytorch: 'PyTorch',
  tfjs: 'TensorFlow.js',
  'scikit-learn': 'scikit-learn',
};

/** Names side by side, for who comes from another library. */
export function NamesTable({ of }: { readonly of: keyof typeof names }): ReactNode {
  const t = useWords(words);
  const language = useWords({ en: 'en', ko: 'ko' } as const);
  const rows: readonly NameRow[] = names[of];
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            <th>{t.there(titles[of])}</th>
            <th>{t.here}</th>
            <th>{t.from}</th>
            <th>{t.note}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ theirs, ours, from, note }) => (
            <tr key={theirs}>
              <td>
                <code>{theirs}</code>
              </td>
              <td>
                <code>{ours.replace(/^\[(?=[a-z]+[,(])(.*)\]$/, '$1')}</code>
              </td>
              <td>
                {from === undefined ? null : (
                  <Link to={`/api/${from.split('/')[1]}/`}>
                    <code>{from}</code>
                  </Link>
                )}
              </td>
              <td>{note?.[language]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
