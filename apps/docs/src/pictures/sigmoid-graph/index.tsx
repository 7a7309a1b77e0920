import { Fragment, useEffect, useMemo, useState } from 'react';
import { Controls, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { NodeName } from './compute.ts';
import styles from './sigmoid-graph.module.css';

const labels = {
  en: {
    title: 'The graph of the sigmoid, forward and back',
    caption:
      'Values flow from x to y (blue), derivatives of the loss flow back (orange): each node multiplies what comes back with its own derivative, written in it. All numbers are computed by @dl/core, the last line by checkGradients and numericalGradient.',
    x: 'Input x',
    upstream: 'dL/dy',
    play: 'Play',
    forward: 'value',
    backward: 'gradient',
    local: 'times',
    negate: 'times −1',
    exp: 'exponential',
    plus: 'plus 1',
    reciprocal: 'reciprocal',
    byBack: 'dy/dx by back-propagation',
    byDifference: 'by finite differences',
    byFormula: 'by y (1 − y)',
    agree: 'they agree',
    differ: 'they differ',
  },
  ko: {
    title: '시그모이드의 계산 그래프, 순전파와 역전파',
    caption:
      '파란 숫자는 x에서 y로 흐르는 값이고, 주황색 숫자는 거꾸로 흐르는 손실의 미분입니다. 노드마다 되돌아온 값에 자기 미분(노드 안에 적힌 값)을 곱해서 앞으로 넘깁니다. 숫자는 모두 @dl/core가 계산하고, 마지막 줄은 checkGradients와 numericalGradient로 확인합니다.',
    x: '입력 x',
    upstream: 'dL/dy',
    play: '재생',
    forward: '값',
    backward: '기울기',
    local: '곱할 값',
    negate: '−1 곱하기',
    exp: '지수 함수',
    plus: '1 더하기',
    reciprocal: '역수',
    byBack: '역전파로 구한 dy/dx',
    byDifference: '수치 미분',
    byFormula: 'y (1 − y)',
    agree: '서로 맞습니다',
    differ: '서로 다릅니다',
  },
};

const signs: Readonly<Record<NodeName, string>> = { negate: '× −1', exp: 'exp', plus: '+ 1', reciprocal: '1 / ·' };
/** What flows along the five edges. */
const values = ['x', '−x', 'e⁻ˣ', '1 + e⁻ˣ', 'y'];
const pace = 600;

const load = async () => {
  await loadCore();
  return import('./compute.ts');
};

const written = (value: number) => value.toPrecision(4).replace('-', '−').replace('e+', 'e');

export default picture(labels, function SigmoidGraph({ t }) {
  const compute = useLoaded(load);
  const [x, setX] = useState(1);
  const [upstream, setUpstream] = useState(1);
  // Edges that were reached: 5 going forward, then 5 going back.
  const [reached, setReached] = useState(10);
  const shown = useMemo(
    () => compute && { nodes: compute.NODES, flow: compute.flowOf(x, upstream), check: compute.checkAt(x) },
    [compute, x, upstream],
  );
  useEffect(() => {
    if (reached >= 10) return;
    const timer = setTimeout(() => setReached(reached + 1), pace);
    return () => clearTimeout(timer);
  }, [reached]);
  if (!shown) return null;
  const { nodes, flow, check } = shown;
  const y = flow.forward[4]!;
  const edge = (i: number) => (
    <div className={styles.edge}>
      <span className={styles.name}>{values[i]}</span>
      <span className={styles.forward} data-shown={reached > i}>
        <span className={styles.arrow} aria-hidden />
        <span className={styles.visuallyHidden}>{t.forward} </span>
        {written(flow.forward[i]!)}
      </span>
      <span className={styles.backward} data-shown={reached > 9 - i}>
        <span className={styles.arrow} aria-hidden />
        <span className={styles.visuallyHidden}>{t.backward} </span>
        {written(flow.backward[i]!)}
      </span>
    </div>
  );
  return (
    <>
      <Controls>
        <Slider label={t.x} value={x} min={-6} max={6} step={0.1} format={(it) => it.toFixed(1)} onChange={setX} />
        <Slider
          label={t.upstream}
          value={upstream}
          min={-2}
          max={2}
          step={0.1}
          format={(it) => it.toFixed(1)}
          onChange={setUpstream}
        />
        <button type="button" className="button button--primary button--sm" onClick={() => setReached(0)}>
          {t.play}
        </button>
      </Controls>
      <div className={styles.graph}>
        {nodes.map((node, i) => (
          <Fragment key={node}>
            {edge(i)}
            <div className={styles.node}>
              <strong title={t[node]}>{signs[node]}</strong>
              <span className={styles.local}>
                {t.local}
                <br />
                {written(flow.local[i]!)}
              </span>
            </div>
          </Fragment>
        ))}
        {edge(4)}
      </div>
      <p className={styles.check} data-agrees={check.ok}>
        {t.byBack}: <b>{check.analytic.toFixed(6)}</b> · {t.byFormula}: <b>{(y * (1 - y)).toFixed(6)}</b> ·{' '}
        {t.byDifference}: <b>{check.numerical.toFixed(6)}</b> · {check.ok ? t.agree : t.differ}
      </p>
    </>
  );
});
