import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { arrowOf } from '../arrow-keys.ts';
import { Choice, Controls, Field, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { PathPoint, SurfaceName } from './compute.ts';
import styles from './descent-path.module.css';

const labels = {
  en: {
    title: 'The way down',
    caption:
      'Lines join places of one height. Click or drag to choose the start, or move it with the arrow keys; every dot is a step. Computed with grads and sgd of @dl/core, the same that train networks.',
    surface: 'Surface',
    bowl: 'bowl: x² + y²',
    ravine: 'ravine: x²/20 + y²',
    rosenbrock: "Rosenbrock's valley",
    lr: 'Learning rate',
    momentum: 'Momentum',
    steps: 'Steps',
    start: 'start',
    end: 'end',
    minimum: 'minimum',
    height: 'height',
    diverged: 'It diverges: each step lands higher than the last. Make the learning rate smaller.',
  },
  ko: {
    title: '내려가는 길',
    caption:
      '등고선은 높이가 같은 곳을 이은 선입니다. 누르거나 끌어서, 또는 화살표 키로 출발점을 옮겨 보세요. 점 하나가 한 걸음입니다. 신경망을 학습할 때 쓰는 @dl/core의 grads와 sgd를 그대로 씁니다.',
    surface: '곡면',
    bowl: '그릇: x² + y²',
    ravine: '협곡: x²/20 + y²',
    rosenbrock: '로젠브록 골짜기',
    lr: '학습률',
    momentum: '모멘텀',
    steps: '걸음 수',
    start: '출발',
    end: '도착',
    minimum: '최솟값',
    height: '높이',
    diverged: '발산합니다. 걸을 때마다 더 높은 곳에 떨어져요. 학습률을 줄여 보세요.',
  },
};

const load = async () => {
  await loadCore();
  return import('./compute.ts');
};

const [width, height] = [600, 400];
const [columns, rows] = [121, 81];
/** Learning rates are chosen by their logarithm: what is right for one surface is a thousand times too much for another. */
const rates: Readonly<Record<SurfaceName, number>> = { bowl: 0.1, ravine: 0.9, rosenbrock: 0.001 };

export default picture(labels, function DescentPath({ t }) {
  const compute = useLoaded(load);
  const [name, setName] = useState<SurfaceName>('ravine');
  const [power, setPower] = useState(Math.log10(rates.ravine));
  const [momentum, setMomentum] = useState(0);
  const [steps, setSteps] = useState(60);
  const [start, setStart] = useState<readonly [number, number]>();
  const dragging = useRef(false);

  const ground = useMemo(() => {
    if (!compute) return undefined;
    const surface = compute.surfaces[name];
    const grid = compute.heightsOf(surface, columns, rows);
    const lines = compute.levelsOf(grid, 18).map((level) =>
      compute
        .contour(grid, level)
        .map((it) =>
          it.map((at, i) =>
            (i % 2 === 0 ? (at / (columns - 1)) * width : height - (at / (rows - 1)) * height).toFixed(1),
          ),
        )
        .map(([x1, y1, x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`)
        .join(''),
    );
    return { surface, lines };
  }, [compute, name]);
  const lr = 10 ** power;
  const from = start ?? ground?.surface.start;
  const way = useMemo(
    () => compute && from && compute.descend(compute.surfaces[name], from, { lr, momentum, steps }),
    [compute, name, from, lr, momentum, steps],
  );
  if (!ground || !way || !from) return null;

  const { surface, lines } = ground;
  const { points, diverged } = way;
  const [[left, right], [bottom, top]] = [surface.x, surface.y];
  const drawn = (x: number, y: number): [number, number] => [
    ((x - left) / (right - left)) * width,
    height - ((y - bottom) / (top - bottom)) * height,
  ];
  // Far outside of the picture, lines would be as long as numbers go.
  const within = ({ x, y }: PathPoint) => {
    const [px, py] = drawn(x, y);
    const clip = (at: number, most: number) => Math.min(2 * most, Math.max(-most, at));
    return [clip(px, width), clip(py, height)] as const;
  };
  const places = points.map(within);
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (at: number, size: number) => Math.min(1, Math.max(0, at / size));
    setStart([
      left + share(event.clientX - box.left, box.width) * (right - left),
      top - share(event.clientY - box.top, box.height) * (top - bottom),
    ]);
  };
  const step = (event: KeyboardEvent) => {
    const arrow = arrowOf(event.key);
    if (!arrow) return;
    event.preventDefault();
    const clamp = (at: number, [low, high]: readonly [number, number]) => Math.min(high, Math.max(low, at));
    setStart([
      clamp(from[0] + (arrow[0] * (right - left)) / 40, surface.x),
      clamp(from[1] - (arrow[1] * (top - bottom)) / 40, surface.y),
    ]);
  };
  const [first, last] = [points[0]!, points.at(-1)!];
  const [mx, my] = drawn(...surface.minimum);
  const [sx, sy] = places[0]!;
  const [ex, ey] = places.at(-1)!;
  const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return (
    <>
      <Controls>
        <Choice
          label={t.surface}
          value={name}
          options={{ bowl: t.bowl, ravine: t.ravine, rosenbrock: t.rosenbrock }}
          onChange={(it) => {
            setName(it);
            setStart(undefined);
            setPower(Math.log10(rates[it]));
          }}
        />
        <Slider
          label={t.lr}
          value={power}
          min={-4}
          max={0.2}
          step={0.02}
          format={(it) => (10 ** it).toPrecision(2)}
          onChange={setPower}
        />
        <Slider
          label={t.momentum}
          value={momentum}
          min={0}
          max={0.98}
          step={0.02}
          format={(it) => it.toFixed(2)}
          onChange={setMomentum}
        />
        <Slider label={t.steps} value={steps} min={1} max={300} onChange={setSteps} />
      </Controls>
      <Field
        viewBox={`0 0 ${width} ${height}`}
        className={styles.surface}
        aria-label={t.title}
        onKeyDown={step}
        onPointerDown={(event) => {
          dragging.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          move(event);
        }}
        onPointerMove={(event) => dragging.current && move(event)}
        onPointerUp={() => {
          dragging.current = false;
        }}
        onPointerCancel={() => {
          dragging.current = false;
        }}
      >
        {lines.map((d, i) => (
          <path key={i} d={d} className={styles.contour} style={{ strokeOpacity: 1 - (0.7 * i) / lines.length }} />
        ))}
        <polyline points={path} className={styles.path} />
        {places.map(([x, y], i) => (
          <circle key={i} cx={x} cy={y} r={2.5} className={styles.dot} />
        ))}
        <path d={`M${mx - 8} ${my}H${mx + 8}M${mx} ${my - 8}V${my + 8}`} className={styles.minimum} />
        <circle cx={sx} cy={sy} r={8} className={styles.start} />
        {diverged ? null : <circle cx={ex} cy={ey} r={6} className={styles.end} />}
      </Field>
      <p className={styles.words} data-diverged={diverged}>
        ○ {t.start} ({first.x.toFixed(2)}, {first.y.toFixed(2)}), {t.height} {first.height.toPrecision(3)} · ● {t.end} (
        {last.x.toFixed(2)}, {last.y.toFixed(2)}), {t.height} <b>{last.height.toPrecision(3)}</b> · + {t.minimum}
      </p>
      {diverged ? <p role="alert">{t.diverged}</p> : null}
    </>
  );
});
