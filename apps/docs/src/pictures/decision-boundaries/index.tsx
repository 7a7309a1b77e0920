import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react';
import { arrowOf } from '../arrow-keys.ts';
import { Choice, Controls, Field, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { useLoaded } from '../use-loaded.ts';
import type { DetectorName, Kind, Placed, Task } from './compute.ts';
import styles from './decision-boundaries.module.css';

const labels = {
  en: {
    title: 'Outlier or novelty',
    caption:
      'Coloured: where the detector would judge a point normal. In the outlier task it learns from all points, planted ones included, and judges these very points; in the novelty task it learns from the usual ones alone and judges the others. Computed with @dl/anomaly while you click.',
    detector: 'Detector',
    task: 'Task',
    outlierTask: 'outlier: the data is contaminated',
    noveltyTask: 'novelty: the data is clean',
    contamination: 'Contamination',
    adds: 'A click adds',
    normal: 'a usual point',
    outlier: 'an outlier',
    new: 'a new point',
    undo: 'Take the last back',
    clear: 'Remove all',
    reset: 'Begin again',
    area: 'The plane of points. Arrow keys move the cross, Enter or space adds a point there, Backspace removes the last.',
    help: 'By keyboard: arrow keys move the cross, Enter or space adds, Backspace removes the last.',
    few: 'At least 5 points are needed to learn from.',
    learnt: 'Learnt from',
    points: ' points; judged',
    odd: ', of them abnormal:',
    legendNormal: 'usual',
    legendOutlier: 'planted outlier',
    legendNew: 'new',
    legendOdd: 'ring: judged abnormal',
  },
  ko: {
    title: '이상치인가 신규성인가',
    caption:
      '칠한 곳은 탐지기가 정상으로 판정하는 영역입니다. 이상치 탐지는 섞여 든 이상치까지 모든 점으로 학습하고 바로 그 점들을 판정합니다. 신규성 탐지는 정상 점으로만 학습하고 나머지 점을 판정합니다. 누를 때마다 @dl/anomaly로 계산합니다.',
    detector: '탐지기',
    task: '과제',
    outlierTask: '이상치: 오염된 데이터',
    noveltyTask: '신규성: 깨끗한 데이터',
    contamination: '오염 비율',
    adds: '누르면 추가할 점',
    normal: '정상 점',
    outlier: '이상치',
    new: '새 점',
    undo: '마지막 점 빼기',
    clear: '모두 지우기',
    reset: '처음으로',
    area: '점을 찍는 평면. 화살표 키로 십자를 옮기고, 엔터나 스페이스 키로 점을 추가하고, 백스페이스로 마지막 점을 뺍니다.',
    help: '키보드: 화살표 키로 십자를 옮기고, 엔터나 스페이스 키로 추가, 백스페이스로 마지막 점 빼기.',
    few: '학습할 점이 5개 이상 있어야 합니다.',
    learnt: '학습한 점',
    points: '개, 판정한 점',
    odd: '개 중 비정상:',
    legendNormal: '정상',
    legendOutlier: '섞인 이상치',
    legendNew: '새 점',
    legendOdd: '고리: 비정상 판정',
  },
};

const load = async () => ({
  ...(await import('./compute.ts')),
  ...(await import('./inside.ts')),
  ...(await import('./points.ts')),
});
const size = 480;
const step = 0.025;

export default picture(labels, function DecisionBoundaries({ t }) {
  const compute = useLoaded(load);
  const [detector, setDetector] = useState<DetectorName>('LocalOutlierFactor');
  const [task, setTask] = useState<Task>('outlier');
  const [contamination, setContamination] = useState(0.06);
  const [kind, setKind] = useState<Kind>('new');
  const [changed, setChanged] = useState<readonly Placed[]>();
  const [cross, setCross] = useState<readonly [number, number]>([0.5, 0.5]);
  const [focused, setFocused] = useState(false);
  const first = useMemo(() => compute?.firstPoints(), [compute]);
  const points = changed ?? first;
  const judged = useMemo(() => {
    if (!compute || !points) return undefined;
    try {
      return compute.judge({ detector, task, contamination, points });
    } catch (error) {
      // Points on one line, for example, have no covariance: the package says so.
      return error instanceof Error ? error.message : String(error);
    }
  }, [compute, points, detector, task, contamination]);
  const region = useMemo(
    () => (compute && typeof judged === 'object' ? compute.inside(judged.field, compute.GRID, size) : ''),
    [compute, judged],
  );
  if (!compute || !points) return null;

  const add = (at: readonly [number, number]) => setChanged([...points, { at, kind }]);
  const undo = () => setChanged(points.slice(0, -1));
  const onPointer = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height] as const;
    setCross(at);
    add(at);
  };
  const onKey = (event: KeyboardEvent) => {
    const arrow = arrowOf(event.key);
    const clamp = (at: number) => Math.min(1, Math.max(0, at));
    if (arrow) setCross([clamp(cross[0] + step * arrow[0]), clamp(cross[1] - step * arrow[1])]);
    else if (event.key === 'Enter' || event.key === ' ') add(cross);
    else if (event.key === 'Backspace') undo();
    else return;
    event.preventDefault();
  };
  const answer = typeof judged === 'object' ? judged : undefined;
  const labelled = answer?.labels.filter((label) => label !== undefined) ?? [];
  const shape = (k: Kind, x: number, y: number) =>
    k === 'normal' ? (
      <circle cx={x} cy={y} r={4} className={styles.normal} />
    ) : k === 'outlier' ? (
      <path d={`M${x} ${y - 6}l6 11h-12z`} className={styles.outlier} />
    ) : (
      <rect x={x - 4.5} y={y - 4.5} width={9} height={9} className={styles.new} />
    );
  return (
    <>
      <Controls>
        <Choice
          label={t.detector}
          value={detector}
          options={Object.fromEntries(compute.DETECTORS.map((name) => [name, name])) as Record<DetectorName, string>}
          onChange={setDetector}
        />
        <Choice
          label={t.task}
          value={task}
          options={{ outlier: t.outlierTask, novelty: t.noveltyTask }}
          onChange={setTask}
        />
        <Slider
          label={detector === 'OneClassSVM' ? `${t.contamination} (nu)` : t.contamination}
          value={contamination}
          min={0.01}
          max={0.4}
          step={0.01}
          format={(it) => `${Math.round(100 * it)}%`}
          onChange={setContamination}
        />
        <Choice
          label={t.adds}
          value={kind}
          options={{ normal: t.normal, outlier: t.outlier, new: t.new }}
          onChange={setKind}
        />
      </Controls>
      <Field
        viewBox={`0 0 ${size} ${size}`}
        className={styles.plane}
        aria-label={t.area}
        onPointerDown={onPointer}
        onKeyDown={onKey}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        <path d={region} className={styles.region} />
        {points.map(({ at: [px, py], kind: k }, i) => {
          const [x, y] = [px * size, size - py * size];
          return (
            <g key={i}>
              {answer?.labels[i] === -1 ? <circle cx={x} cy={y} r={10} className={styles.odd} /> : null}
              {shape(k, x, y)}
            </g>
          );
        })}
        {focused ? (
          <path
            d={`M${cross[0] * size - 9} ${size - cross[1] * size}h18M${cross[0] * size} ${size - cross[1] * size - 9}v18`}
            className={styles.cross}
          />
        ) : null}
      </Field>
      <p className={styles.words} aria-live="polite">
        {answer
          ? `${t.learnt} ${answer.learnt}${t.points} ${labelled.length}${t.odd} ${labelled.filter((label) => label === -1).length}`
          : typeof judged === 'string'
            ? judged
            : t.few}
      </p>
      <p className={styles.key}>
        <span className={styles.normal}>● {t.legendNormal}</span>{' '}
        <span className={styles.outlier}>▲ {t.legendOutlier}</span> <span className={styles.new}>■ {t.legendNew}</span>{' '}
        <span>○ {t.legendOdd}</span>
      </p>
      <Controls>
        <button
          type="button"
          className="button button--secondary button--sm"
          onClick={undo}
          disabled={points.length === 0}
        >
          {t.undo}
        </button>
        <button
          type="button"
          className="button button--secondary button--sm"
          onClick={() => setChanged([])}
          disabled={points.length === 0}
        >
          {t.clear}
        </button>
        <button
          type="button"
          className="button button--secondary button--sm"
          onClick={() => setChanged(undefined)}
          disabled={changed === undefined}
        >
          {t.reset}
        </button>
      </Controls>
      <p className={styles.help}>{t.help}</p>
    </>
  );
});
