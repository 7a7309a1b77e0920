import BrowserOnly from '@docusaurus/BrowserOnly';
import useDocusaurusContext from '@docusaurus/useDocusaurusContext';
import { type ComponentType, type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './picture.module.css';

/** Words of a picture, in both languages of the site. */
export interface Labels<T extends Record<string, string>> {
  readonly en: T;
  readonly ko: { readonly [K in keyof T]: string };
}

/** What every picture says beside its own words. */
type Named = { readonly title: string; readonly caption: string };

/**
 * Makes a picture a chapter can show: a figure with a caption, drawn in the browser once it comes into view, since what
 * it shows is computed there.
 *
 * @example
 * export default picture({ en: { title: 'Pooling', ... }, ko: { title: '풀링', ... } }, ({ t }) => <svg aria-label={t.title} />);
 */
export function picture<T extends Record<string, string> & Named>(
  labels: Labels<T>,
  Body: ComponentType<{ readonly t: T }>,
): () => ReactNode {
  return function Picture() {
    const { i18n } = useDocusaurusContext();
    const t = (i18n.currentLocale === 'ko' ? labels.ko : labels.en) as T;
    return (
      <figure className={styles.picture} data-picture={labels.en.title}>
        <BrowserOnly fallback={<div className={styles.room} />}>
          {() => <InView>{() => <Body t={t} />}</InView>}
        </BrowserOnly>
        <figcaption>{t.caption}</figcaption>
      </figure>
    );
  };
}

function InView({ children }: { readonly children: () => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: '200px' },
    );
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className={styles.room}>
      {seen ? children() : null}
    </div>
  );
}
