import Link from '@docusaurus/Link';
import type { ReactNode } from 'react';
import styles from './facts.module.css';
import { facts } from './facts.ts';
import { useWords } from './labels.ts';

const words = {
  en: {
    package: 'Package',
    version: 'Version',
    entries: 'Entries',
    modules: 'Modules',
    types: 'Types',
    kernels: 'SIMD kernels of its own',
    needs: 'Installed with',
    yes: 'yes',
    no: 'no',
    backend: 'Backend',
    forward: 'Forward',
    gradient: 'Gradient',
    ops: (n: number, all: number) => `${n} of ${all} operations by a SIMD kernel, the rest composed`,
    composed: (all: number) => `all ${all} operations composed`,
    wasm: 'wasm (the default)',
    others: 'cpu, webgl, webgpu, tensorflow: what you install',
    browser: 'Browser',
    simd: 'Runs from version',
    relaxed: 'Fused multiply-add from version',
    none: 'not yet',
    bundler: 'Bundler',
    tested: 'Version whose bundles the tests run',
  },
  ko: {
    package: '패키지',
    version: '버전',
    entries: '진입점',
    modules: '모듈 형식',
    types: '타입',
    kernels: '자체 SIMD 커널',
    needs: '함께 설치되는 패키지',
    yes: '있음',
    no: '없음',
    backend: '백엔드',
    forward: '순전파',
    gradient: '기울기',
    ops: (n: number, all: number) => `연산 ${all}개 중 ${n}개는 SIMD 커널, 나머지는 tfjs 연산의 조합`,
    composed: (all: number) => `연산 ${all}개 모두 tfjs 연산의 조합`,
    wasm: 'wasm (기본값)',
    others: 'cpu, webgl, webgpu, tensorflow 중 설치한 것',
    browser: '브라우저',
    simd: '지원 시작 버전',
    relaxed: '융합 곱셈-덧셈(FMA) 시작 버전',
    none: '아직 없음',
    bundler: '번들러',
    tested: '테스트에서 번들을 실행해 보는 버전',
  },
};

/** Every package: where it runs and what it consists of, read from the packages. */
export function PackageMatrix(): ReactNode {
  const t = useWords(words);
  const yes = (it: boolean) => (it ? t.yes : t.no);
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            <th>{t.package}</th>
            <th>{t.version}</th>
            <th>Node</th>
            <th>{t.modules}</th>
            <th>{t.types}</th>
            <th>{t.kernels}</th>
            <th>{t.entries}</th>
            <th>{t.needs}</th>
          </tr>
        </thead>
        <tbody>
          {facts.packages.map((it) => (
            <tr key={it.id}>
              <td>
                <Link to={`/api/${it.id}/`}>{it.name}</Link>
              </td>
              <td>{it.version}</td>
              <td>{it.node}</td>
              <td>{it.entries.every(({ cjs }) => cjs) ? 'ESM, CommonJS' : 'ESM'}</td>
              <td>{yes(it.entries.every(({ types }) => types))}</td>
              <td>{yes(it.kernels)}</td>
              <td>
                {it.entries.map(({ entry }) => (
                  <div key={entry}>
                    <code>{it.name + entry}</code>
                  </div>
                ))}
                {it.commands.map((command) => (
                  <div key={command}>
                    <code>npx {it.name}</code>
                  </div>
                ))}
              </td>
              <td>
                {it.needs.map((name) => (
                  <div key={name}>
                    <code>{name}</code>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What runs the operations of core on which backend, from the table of kernels that its tests keep true. */
export function BackendMatrix(): ReactNode {
  const t = useWords(words);
  const { all, forward, gradient } = facts.ops;
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            <th>{t.backend}</th>
            <th>{t.forward}</th>
            <th>{t.gradient}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{t.wasm}</td>
            <td>{t.ops(forward, all)}</td>
            <td>{t.ops(gradient, all)}</td>
          </tr>
          <tr>
            <td>{t.others}</td>
            <td>{t.composed(all)}</td>
            <td>{t.composed(all)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** The first version of each browser with what the kernels need, from caniuse. */
export function BrowserMatrix(): ReactNode {
  const t = useWords(words);
  const { simd, relaxed } = facts.browsers;
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            <th>{t.browser}</th>
            <th>{t.simd}</th>
            <th>{t.relaxed}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(simd).map(([browser, from]) => (
            <tr key={browser}>
              <td>{browser}</td>
              <td>{from ?? t.none}</td>
              <td>{relaxed[browser] ?? t.none}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The bundlers whose bundles the tests train in Chromium. */
export function BundlerMatrix(): ReactNode {
  const t = useWords(words);
  return (
    <table>
      <thead>
        <tr>
          <th>{t.bundler}</th>
          <th>{t.tested}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(facts.bundlers).map(([name, version]) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{version}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
