import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../facts/labels.ts';
import styles from './home.module.css';
import { points } from './points.ts';

const words = {
  en: {
    train: 'Train a network here',
    again: 'Train again',
    training: (step: number, loss: string) => `step ${step}, loss ${loss}`,
    idle: 'Two hidden layers of 16, 300 steps of Adam, in this page.',
    picture: 'Forty noisy points of a wave, and the curve of the network that is fitted to them',
    failed: (message: string) => `It could not start: ${message}`,
  },
  ko: {
    train: '여기서 신경망을 학습시켜 보기',
    again: '다시 학습하기',
    training: (step: number, loss: string) => `${step}스텝, 손실 ${loss}`,
    idle: '뉴런 16개짜리 은닉층 두 개를 Adam으로 300스텝, 이 페이지 안에서 학습해요.',
    picture: '잡음이 섞인 점 마흔 개와, 거기에 맞춰 학습하는 신경망의 곡선',
    failed: (message: string) => `시작하지 못했어요: ${message}`,
  },
};

const steps = 300;
const perFrame = 3;
const grid = Float32Array.from({ length: 121 }, (_, i) => i / 60 - 1);

const [width, height, margin] = [480, 280, 12];
const across = (x: number) => margin + ((x + 1) / 2) * (width - 2 * margin);
const down = (y: number) => height / 2 - (y * (height - 2 * margin)) / 2.6;

interface Progress {
  readonly step: number;
  readonly loss: number;
  readonly curve: ArrayLike<number>;
}

/** Fits the network and shows how far it is, until it is done or `signal` says stop. Packages are fetched by the first call. */
async function train(show: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
  const [{ init, key, trainStep }, { mse }, { linear, sequential }, { tensor }, { adam }] = await Promise.all([
    import('@dl/core'),
    import('@dl/core/losses'),
    import('@dl/core/nn'),
    import('@dl/core/ops'),
    import('@dl/core/optim'),
  ]);
  await init();
  const hidden = () => linear({ out: 16, activation: 'tanh' });
  const model = sequential({ input: [1], key: key(0) }, [hidden(), hidden(), linear({ out: 1 })]);
  const optimizer = adam({ lr: 0.02 });
  const step = trainStep(model, mse, optimizer);
  const x = tensor(points.map(([x]) => [x]));
  const y = tensor(points.map(([, y]) => [y]));
  const everywhere = tensor(grid, [grid.length, 1]);
  try {
    for (let i = 1; i <= steps && !signal.aborted; i++) {
      const { loss } = step({ x, y });
      if (i % perFrame !== 0 && i !== steps) continue;
      const fitted = model.predict(everywhere);
      show({ step: i, loss, curve: fitted.dataSync() });
      fitted.dispose();
      await new Promise(requestAnimationFrame);
    }
  } finally {
    for (const it of [x, y, everywhere, model, optimizer]) it.dispose();
  }
}

/** A small network that the reader trains on the home page. */
export function FitACurve(): ReactNode {
  const t = useWords(words);
  const [progress, setProgress] = useState<Progress>();
  const [running, setRunning] = useState(false);
  const [fault, setFault] = useState<string>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const start = async () => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setRunning(true);
    setFault(undefined);
    try {
      await train((it) => !signal.aborted && setProgress(it), signal);
    } catch (error) {
      if (!signal.aborted) setFault(error instanceof Error ? error.message : String(error));
    }
    if (!signal.aborted) setRunning(false);
  };

  const curve = Array.from(progress?.curve ?? [], (y, i) => `${across(grid[i] ?? 0).toFixed(1)},${down(y).toFixed(1)}`);
  return (
    <div className={styles.live} data-live={running ? 'running' : progress ? 'done' : 'idle'}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t.picture}>
        <line x1={margin} x2={width - margin} y1={down(0)} y2={down(0)} className={styles.axis} />
        {points.map(([x, y]) => (
          <circle key={x} cx={across(x).toFixed(1)} cy={down(y).toFixed(1)} r="4" className={styles.point} />
        ))}
        {curve.length > 0 ? <polyline points={curve.join(' ')} className={styles.curve} /> : null}
      </svg>
      <div className={styles.below}>
        <button type="button" className="button button--primary" disabled={running} onClick={() => void start()}>
          {progress === undefined ? t.train : t.again}
        </button>
        <span>
          {fault === undefined
            ? progress === undefined
              ? t.idle
              : t.training(progress.step, progress.loss.toFixed(4))
            : t.failed(fault)}
        </span>
      </div>
    </div>
  );
}
