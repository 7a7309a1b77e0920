import type { ReactNode } from 'react';
import styles from './facts.module.css';
import { facts } from './facts.ts';
import { useWords } from './labels.ts';

const words = {
  en: {
    entry: 'What is imported',
    minified: 'Minified, KB',
    gzip: 'gzip, KB',
    all: 'With tfjs, gzip, KB',
    measured: (date: string) => `Each entry bundled whole and minified, measured on ${date}.`,
    none: 'Run pnpm size to measure: it writes the table.',
  },
  ko: {
    entry: '불러오는 것',
    minified: 'minify 후, KB',
    gzip: 'gzip, KB',
    all: 'tfjs 포함 gzip, KB',
    measured: (date: string) => `각 진입점을 통째로 번들해서 minify한 크기예요. 측정일: ${date}.`,
    none: 'pnpm size를 실행하면 크기를 재서 이 표를 만들어요.',
  },
};

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

/** The measured size of every entry of every package. */
export function SizesTable(): ReactNode {
  const t = useWords(words);
  const { sizes } = facts;
  if (sizes === null) return <p>{t.none}</p>;
  return (
    <>
      <div className={styles.scroll}>
        <table>
          <thead>
            <tr>
              <th>{t.entry}</th>
              <th className={styles.number}>{t.minified}</th>
              <th className={styles.number}>{t.gzip}</th>
              <th className={styles.number}>{t.all}</th>
            </tr>
          </thead>
          <tbody>
            {sizes.entries.map((it) => (
              <tr key={it.package + it.entry}>
                <td>
                  <code>{it.package + it.entry.replace(/^\./, '')}</code>
                </td>
                <td className={styles.number}>{kilobytes(it.minified)}</td>
                <td className={styles.number}>{kilobytes(it.gzip)}</td>
                <td className={styles.number}>{kilobytes(it.withTfjsGzip)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>{t.measured(sizes.date)}</p>
    </>
  );
}
