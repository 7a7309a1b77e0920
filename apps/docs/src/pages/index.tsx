import Link from '@docusaurus/Link';
import Layout from '@theme/Layout';
import type { ReactNode } from 'react';
import tables from '../facts/facts.module.css';
import { facts } from '../facts/facts.ts';
import { useWords } from '../facts/labels.ts';
import { threeDigits } from '../facts/speed.ts';
import { SpeedSource } from '../facts/speed-table.tsx';
import { FitACurve } from '../home/fit-a-curve.tsx';
import { highlights } from '../home/highlights.ts';
import styles from '../home/home.module.css';

const words = {
  en: {
    title: 'Deep learning that trains in JavaScript',
    lead: 'Tensors, layers and detectors that train in Node, in a page or in a worker, on WebAssembly SIMD kernels, with nothing to configure; and a course of ten chapters whose examples run while you read.',
    install: 'Install one package, for instance',
    begin: 'Begin the course',
    guide: 'Install only what you need',
    chapters: 'The course',
    packages: 'The packages',
    measured: 'Measured',
    kernels: (ops: number, gradients: number) =>
      `${ops} operations run forward and ${gradients} backward as SIMD kernels of our own, in the heap that TensorFlow.js already has.`,
    work: 'Work',
    time: 'Time, ms',
    others: 'Others take',
    times: (n: string, side: string) => `${n}× (${side})`,
    all: 'All that was measured',
  },
  ko: {
    title: 'JavaScript에서 학습하는 딥러닝',
    lead: 'Node에서도, 페이지에서도, 워커에서도 설정 없이 WebAssembly SIMD 커널로 학습하는 텐서와 레이어, 탐지기. 그리고 읽으면서 예제를 바로 실행해 보는 열 장짜리 강좌.',
    install: '필요한 패키지 하나만 설치하세요',
    begin: '강좌 시작하기',
    guide: '필요한 것만 설치하기',
    chapters: '강좌',
    packages: '패키지',
    measured: '측정 결과',
    kernels: (ops: number, gradients: number) =>
      `순전파는 연산 ${ops}개, 역전파는 ${gradients}개가 자체 SIMD 커널로 실행돼요. 모두 TensorFlow.js가 쓰는 힙 안에서 돌아가요.`,
    work: '작업',
    time: '시간, ms',
    others: '다른 라이브러리는',
    times: (n: string, side: string) => `${n}배 (${side})`,
    all: '측정 결과 모두 보기',
  },
};

/** The first page. */
export default function Home(): ReactNode {
  const t = useWords(words);
  const [first] = facts.chapters;
  return (
    <Layout title={t.title} description={t.lead}>
      <main className={styles.page}>
        <div className={styles.hero}>
          <div>
            <h1>{t.title}</h1>
            <p className={styles.lead}>{t.lead}</p>
            <p className={styles.install}>
              {t.install}: <code>npm install @dl/core</code>
            </p>
            <div className={styles.links}>
              {first === undefined ? null : (
                <Link className="button button--primary button--lg" to={first.url}>
                  {t.begin}
                </Link>
              )}
              <Link className="button button--secondary button--lg" to="/guides/installation/">
                {t.guide}
              </Link>
            </div>
          </div>
          <FitACurve />
        </div>

        <section>
          <h2>{t.chapters}</h2>
          <ol className={styles.chapters}>
            {facts.chapters.map(({ url, title, description }, i) => (
              <li key={url}>
                <Link to={url}>
                  <strong>
                    {i + 1}. {title}
                  </strong>
                  {description}
                </Link>
              </li>
            ))}
          </ol>
        </section>

        <section>
          <h2>{t.measured}</h2>
          <p>{t.kernels(facts.ops.forward, facts.ops.gradient)}</p>
          {facts.speed === null ? null : (
            <>
              <div className={tables.scroll}>
                <table>
                  <thead>
                    <tr>
                      <th>{t.work}</th>
                      <th className={tables.number}>{t.time}</th>
                      <th>{t.others}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {highlights(facts.speed).map(({ name, ms, ratios }) => (
                      <tr key={name}>
                        <td>{name}</td>
                        <td className={tables.number}>{threeDigits(ms)}</td>
                        <td>{ratios.map(({ side, times }) => t.times(threeDigits(times), side)).join(', ')}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <SpeedSource />
              <p>
                <Link to="/guides/speed/">{t.all}</Link>
              </p>
            </>
          )}
        </section>

        <section>
          <h2>{t.packages}</h2>
          <ul>
            {facts.packages.map(({ id, name, description }) => (
              <li key={id}>
                <Link to={`/api/${id}/`}>
                  <code>{name}</code>
                </Link>
                : {description}
              </li>
            ))}
          </ul>
        </section>
      </main>
    </Layout>
  );
}
