import { useDeferredValue, useMemo, useState } from 'react';
import { Controls, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import styles from './vanishing-gradients.module.css';

const labels = {
  en: {
    title: 'How far back the gradient reaches',
    caption:
      'The norm of dL/dh at every step, on a logarithmic scale: one line down is a hundredth. Two untrained networks of 16 units read the same random sequences; the loss is half the squared last state. Computed with gradientFlow of @dl/rnn.',
    time: 'Sequence length',
    scale: 'Weights of the recurrence, times',
    bias: 'Forget bias of the LSTM',
    seed: 'Seed',
    step: 'Look at step',
    rnn: 'plain RNN (tanh)',
    lstm: 'LSTM',
    chart: 'Gradient norm by time step, first step on the left',
    graph: 'The networks unrolled in time; arrows are as strong as the gradient that flows back',
    of: 'of the last',
    lost: 'below 1e-12',
  },
  ko: {
    title: '기울기는 얼마나 멀리까지 거슬러 올라가나',
    caption:
      '각 시점의 dL/dh 크기를 로그 눈금으로 그렸습니다. 한 줄 내려갈 때마다 100분의 1이 됩니다. 학습하지 않은 16유닛 신경망 둘이 같은 무작위 시퀀스를 읽고, 손실은 마지막 상태의 제곱합의 절반입니다. @dl/rnn의 gradientFlow로 계산합니다.',
    time: '시퀀스 길이',
    scale: '순환 가중치 배율',
    bias: 'LSTM 망각 게이트 편향',
    seed: '시드',
    step: '살펴볼 시점',
    rnn: '기본 RNN (tanh)',
    lstm: 'LSTM',
    chart: '시점별 기울기 크기. 왼쪽이 첫 시점',
    graph: '시간축으로 펼친 두 신경망. 화살표가 진할수록 거꾸로 흐르는 기울기가 큽니다',
    of: '(마지막 시점 대비)',
    lost: '1e-12 미만',
  },
};

const load = async () => {
  await loadCore();
  return import('./compute.ts');
};

const [width, height, left, bottom] = [620, 260, 46, 24];
/** Decades that are drawn, from 10^2 down. */
const [top, decades] = [2, 14];
const cells = 8;

export default picture(labels, function VanishingGradients({ t }) {
  const compute = useLoaded(load);
  const [time, setTime] = useState(50);
  const [scale, setScale] = useState(1);
  const [forgetBias, setForgetBias] = useState(4);
  const [seed, setSeed] = useState(0);
  const [chosen, setChosen] = useState(1);
  const options = useDeferredValue(useMemo(() => ({ time, scale, forgetBias, seed }), [time, scale, forgetBias, seed]));
  const flows = useMemo(() => compute?.flows(options), [compute, options]);
  if (!flows) return null;

  const length = flows.rnn.length;
  const step = Math.min(chosen, length);
  const x = (i: number) => left + 8 + (i / (length - 1)) * (width - left - 20);
  const y = (norm: number) => {
    const down = top - Math.log10(Math.max(norm, 1e-30));
    return 8 + (Math.min(decades, Math.max(0, down)) / decades) * (height - bottom - 8);
  };
  const series = { rnn: flows.rnn, lstm: flows.lstm };
  const line = (norms: Float32Array) =>
    Array.from(norms, (norm, i) => `${x(i).toFixed(1)},${y(norm).toFixed(1)}`).join(' ');
  const share = (norms: Float32Array) => norms[step - 1]! / norms.at(-1)!;
  const number = (value: number) => (value < 1e-12 ? t.lost : value.toExponential(1));
  const shown = Array.from({ length: cells }, (_, i) => Math.round((i * (length - 1)) / (cells - 1)));
  return (
    <>
      <Controls>
        <Slider label={t.time} value={time} min={10} max={100} onChange={setTime} />
        <Slider
          label={t.scale}
          value={scale}
          min={0.2}
          max={4}
          step={0.1}
          format={(it) => it.toFixed(1)}
          onChange={setScale}
        />
        <Slider
          label={t.bias}
          value={forgetBias}
          min={-2}
          max={6}
          step={0.5}
          format={(it) => it.toFixed(1)}
          onChange={setForgetBias}
        />
        <Slider label={t.seed} value={seed} min={0} max={9} onChange={setSeed} />
        <Slider label={t.step} value={step} min={1} max={length} onChange={setChosen} />
      </Controls>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        className={styles.chart}
        role="img"
        aria-label={t.chart}
      >
        {Array.from({ length: decades / 2 + 1 }, (_, i) => (
          <g key={i}>
            <line
              x1={left}
              x2={width - 8}
              y1={y(10 ** (top - 2 * i))}
              y2={y(10 ** (top - 2 * i))}
              className={styles.grid}
            />
            <text x={left - 6} y={y(10 ** (top - 2 * i)) + 4} textAnchor="end" className={styles.tick}>
              {top - 2 * i === 0 ? '1' : `1e${top - 2 * i}`}
            </text>
          </g>
        ))}
        {[0, 1, 2, 3, 4].map((i) => {
          const at = Math.round((i * (length - 1)) / 4);
          return (
            <text key={i} x={x(at)} y={height - 6} textAnchor="middle" className={styles.tick}>
              {at + 1}
            </text>
          );
        })}
        <line x1={x(step - 1)} x2={x(step - 1)} y1={8} y2={height - bottom} className={styles.cursor} />
        {(['rnn', 'lstm'] as const).map((name) => (
          <g key={name} className={styles[name]}>
            <polyline points={line(series[name])} className={styles.line} />
            <circle cx={x(step - 1)} cy={y(series[name][step - 1]!)} r={4.5} className={styles.dot} />
          </g>
        ))}
      </svg>
      <p className={styles.words} aria-live="polite">
        <span className={styles.rnn}>■ {t.rnn}</span>: h<sub>{step}</sub> <b>{number(share(flows.rnn))}</b> {t.of}
        {' · '}
        <span className={styles.lstm}>■ {t.lstm}</span>: <b>{number(share(flows.lstm))}</b> {t.of}
      </p>
      <svg viewBox={`0 0 ${width} 150`} width={width} height={150} role="img" aria-label={t.graph}>
        {(['rnn', 'lstm'] as const).map((name, row) => {
          const norms = series[name];
          const cy = 34 + 70 * row;
          const strength = (at: number) =>
            Math.max(0, 1 + Math.log10(Math.min(1, norms[at]! / norms.at(-1)!) || 1e-30) / 8);
          return (
            <g key={name} className={styles[name]}>
              {shown.map((at, i) => {
                const cx = 36 + (i * (width - 72)) / (cells - 1);
                const before = i > 0 ? 36 + ((i - 1) * (width - 72)) / (cells - 1) : 0;
                const flow = i > 0 ? strength(shown[i - 1]!) : 0;
                return (
                  <g key={at}>
                    {i > 0 ? (
                      <path
                        d={`M${cx - 22} ${cy}H${before + 26}m6 -5l-8 5l8 5`}
                        className={styles.arrow}
                        style={{ strokeWidth: 1 + 4 * flow, strokeOpacity: Math.max(0.07, flow) }}
                      />
                    ) : null}
                    <rect
                      x={cx - 21}
                      y={cy - 15}
                      width={42}
                      height={30}
                      rx={5}
                      className={styles.cell}
                      style={{ fillOpacity: 0.6 * strength(at) }}
                    />
                    <text x={cx} y={cy + 5} textAnchor="middle" className={styles.name}>
                      h{at + 1}
                    </text>
                    {row === 1 ? (
                      <text x={cx} y={146} textAnchor="middle" className={styles.tick}>
                        x{at + 1}
                      </text>
                    ) : null}
                  </g>
                );
              })}
            </g>
          );
        })}
      </svg>
    </>
  );
});
