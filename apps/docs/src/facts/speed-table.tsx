import type { ReactNode } from 'react';
import styles from './facts.module.css';
import { facts } from './facts.ts';
import { useWords } from './labels.ts';
import { ratio, speedByPackage, threeDigits } from './speed.ts';

const sides: Readonly<Record<string, string>> = {
  tfjs: 'tfjs-wasm',
  cpu: 'tfjs-cpu',
  layers: 'tfjs-layers',
  torch: 'PyTorch',
  sklearn: 'scikit-learn',
  ort: 'onnxruntime-web',
  jax: 'jax-js',
  npm: 'npm',
};

const words = {
  en: {
    work: 'Work',
    ours: 'Ours, ms',
    of: (side: string) => `${side}, times ours`,
    self: 'Another form of ours, times ours',
    measured: 'Measured',
    versions: 'Versions',
    thread: 'one thread, medians of interleaved rounds',
  },
  ko: {
    work: '작업',
    ours: '@dl, ms',
    of: (side: string) => `${side} (@dl의 몇 배)`,
    self: '@dl의 다른 방식 (@dl의 몇 배)',
    measured: '측정',
    versions: '버전',
    thread: '스레드 하나, 번갈아 잰 값의 중앙값',
  },
};

/** Where and when the numbers of `SpeedTable` were measured, and with which versions. */
export function SpeedSource(): ReactNode {
  const t = useWords(words);
  const { speed } = facts;
  if (speed === null) return null;
  const versions = Object.entries(speed.sides).map(([, about]) => about);
  return (
    <p>
      {t.measured}: {speed.date}, {speed.machine}, Node {speed.node}, {t.thread}. {t.versions}: {versions.join('; ')}.
    </p>
  );
}

/** The measured rows of one package. */
export function SpeedTable({ of }: { readonly of: string }): ReactNode {
  const t = useWords(words);
  const rows = speedByPackage(facts.speed?.rows ?? []).get(of) ?? [];
  const shown = [...Object.keys(sides), 'self'].filter((side) => rows.some(({ ms }) => ms[side] !== undefined));
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            <th>{t.work}</th>
            <th className={styles.number}>{t.ours}</th>
            {shown.map((side) => (
              <th key={side} className={styles.number}>
                {side === 'self' ? t.self : t.of(sides[side] ?? side)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <td>{row.name}</td>
              <td className={styles.number}>{threeDigits(row.ms.ours ?? Number.NaN)}</td>
              {shown.map((side) => {
                const times = ratio(row, side);
                return (
                  <td
                    key={side}
                    className={`${styles.number} ${times !== undefined && times >= 1 ? styles.better : ''}`}
                  >
                    {times === undefined ? '' : `${threeDigits(times)}×`}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
