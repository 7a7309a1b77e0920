import useBaseUrl from '@docusaurus/useBaseUrl';
import { type KeyboardEvent, type PointerEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { GreyImage } from '../../display/drawing.tsx';
import { arrowOf } from '../arrow-keys.ts';
import { Controls, Field } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import styles from './draw-digit.module.css';
import { type Point, rasterise, SIDE, type Stroke } from './rasterise.ts';

const labels = {
  en: {
    title: 'Draw a digit',
    caption:
      'The network was trained on MNIST when this site was built, with @dl/cnn. Your drawing is scaled and centred as MNIST was, then read in this page; nothing is sent anywhere.',
    pad: 'Drawing area. Arrow keys move the pen, space puts it down and lifts it, Backspace takes the last stroke back, Escape clears.',
    help: 'Draw with mouse or finger. By keyboard: arrow keys move the pen, space puts it down and lifts it, Backspace undoes.',
    clear: 'Clear',
    undo: 'Undo',
    sees: 'What the network gets',
    cam: 'Where it looks (Grad-CAM)',
    nothing: 'Draw a digit here',
    maps1: 'First convolution: 8 maps of 28 × 28',
    maps2: 'Second: 16 maps of 14 × 14',
    maps3: 'Third: 48 maps of 7 × 7',
    map: 'map',
    reads: 'It reads',
  },
  ko: {
    title: '숫자를 그려 보세요',
    caption:
      '이 사이트를 빌드할 때 @dl/cnn으로 MNIST를 학습한 신경망입니다. 그린 숫자는 MNIST와 같은 방법으로 크기와 위치를 맞춘 다음 이 페이지 안에서 읽습니다. 어디에도 전송하지 않습니다.',
    pad: '그리는 곳. 화살표 키로 펜을 옮기고, 스페이스 키로 펜을 내리거나 들고, 백스페이스로 마지막 획을 지우고, Esc로 모두 지웁니다.',
    help: '마우스나 손가락으로 그리세요. 키보드로는 화살표 키로 펜을 옮기고 스페이스 키로 펜을 내리거나 듭니다. 백스페이스는 한 획 지우기입니다.',
    clear: '지우기',
    undo: '한 획 지우기',
    sees: '신경망이 받는 이미지',
    cam: '눈여겨본 곳 (Grad-CAM)',
    nothing: '여기에 숫자를 그리세요',
    maps1: '첫째 합성곱: 28 × 28 특징 맵 8장',
    maps2: '둘째: 14 × 14 특징 맵 16장',
    maps3: '셋째: 7 × 7 특징 맵 48장',
    map: '특징 맵',
    reads: '읽은 숫자',
  },
};

const pad = 280;
const keyStep = 14;
/** A three, to begin with. */
const sample: readonly Stroke[] = [
  [
    [85, 70],
    [115, 48],
    [155, 46],
    [185, 68],
    [186, 100],
    [160, 126],
    [125, 134],
    [165, 142],
    [194, 170],
    [192, 208],
    [160, 234],
    [118, 234],
    [84, 212],
  ],
];

export default picture(labels, function DrawDigit({ t }) {
  const file = useBaseUrl('/data/digit-classifier.safetensors');
  const loaded = useLoaded(async () => {
    await loadCore();
    const [compute, response] = await Promise.all([import('./compute.ts'), fetch(file)]);
    if (!response.ok) throw new Error(`${file}: the site answered ${response.status}`);
    return { ...compute, model: compute.loadClassifier(await response.arrayBuffer()) };
  });
  useEffect(() => () => loaded?.model.dispose(), [loaded]);
  const [strokes, setStrokes] = useState<readonly Stroke[]>(sample);
  const [pen, setPen] = useState<Point>([pad / 2, pad / 2]);
  const [down, setDown] = useState(false);
  const [focused, setFocused] = useState(false);
  const drawing = useRef(false);

  // The hand comes first: while it is fast, some of what it draws is not read.
  const seen = useDeferredValue(strokes);
  const image = useMemo(() => rasterise(seen), [seen]);
  const reading = useMemo(
    () => (loaded && seen.length > 0 ? loaded.read(loaded.model, image) : undefined),
    [loaded, seen, image],
  );

  const begin = (at: Point) => setStrokes((before) => (before === sample ? [[at]] : [...before, [at]]));
  const extend = (at: Point) =>
    setStrokes((before) => {
      const last = before.at(-1);
      return last ? [...before.slice(0, -1), [...last, at]] : [[at]];
    });
  const undo = () => {
    setDown(false);
    setStrokes((before) => before.slice(0, -1));
  };
  const clear = () => {
    setDown(false);
    setStrokes([]);
  };
  const placeOf = (event: PointerEvent<SVGSVGElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * pad, ((event.clientY - box.top) / box.height) * pad];
  };
  const onKey = (event: KeyboardEvent) => {
    const move = arrowOf(event.key);
    if (move) {
      const [x, y] = pen.map((at, axis) => Math.min(pad - keyStep, Math.max(keyStep, at + move[axis]! * keyStep))) as [
        number,
        number,
      ];
      setPen([x, y]);
      if (down) extend([x, y]);
    } else if (event.key === ' ') {
      if (!down) begin(pen);
      setDown(!down);
    } else if (event.key === 'Backspace') undo();
    else if (event.key === 'Escape') clear();
    else return;
    event.preventDefault();
  };

  const best = reading ? reading.probabilities.indexOf(Math.max(...reading.probabilities)) : undefined;
  const titles = [t.maps1, t.maps2, t.maps3];
  return (
    <>
      <div className={styles.top}>
        <div>
          <Field
            viewBox={`0 0 ${pad} ${pad}`}
            className={styles.pad}
            aria-label={t.pad}
            onKeyDown={onKey}
            onFocus={() => setFocused(true)}
            onBlur={() => {
              setFocused(false);
              setDown(false);
            }}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              drawing.current = true;
              setDown(false);
              setPen(placeOf(event));
              begin(placeOf(event));
            }}
            onPointerMove={(event) => {
              if (!drawing.current) return;
              setPen(placeOf(event));
              extend(placeOf(event));
            }}
            onPointerUp={() => {
              drawing.current = false;
            }}
            onPointerCancel={() => {
              drawing.current = false;
            }}
          >
            {strokes.length === 0 ? (
              <text x={pad / 2} y={pad / 2} textAnchor="middle" className={styles.hint}>
                {t.nothing}
              </text>
            ) : null}
            {strokes.map((stroke, i) => (
              <polyline key={i} points={[...stroke, stroke.at(-1)!].join(' ')} className={styles.stroke} />
            ))}
            {focused ? <circle cx={pen[0]} cy={pen[1]} r={10} className={down ? styles.penDown : styles.pen} /> : null}
          </Field>
          <Controls>
            <button type="button" className="button button--primary button--sm" onClick={clear}>
              {t.clear}
            </button>
            <button
              type="button"
              className="button button--secondary button--sm"
              onClick={undo}
              disabled={strokes.length === 0}
            >
              {t.undo}
            </button>
          </Controls>
        </div>
        <div className={styles.images}>
          <div className={styles.image}>
            <GreyImage values={image} width={SIDE} height={SIDE} label={t.sees} />
            <span>{t.sees}</span>
          </div>
          <div className={styles.image}>
            <div className={styles.over}>
              <GreyImage values={image} width={SIDE} height={SIDE} label={t.cam} />
              {reading ? <Heat values={reading.cam} /> : null}
            </div>
            <span>{t.cam}</span>
          </div>
        </div>
        <div className={styles.answer} data-digit={best}>
          <p aria-live="polite">
            {t.reads} <strong>{best ?? '–'}</strong>
          </p>
          <ol className={styles.bars}>
            {Array.from({ length: 10 }, (_, digit) => {
              const share = reading?.probabilities[digit] ?? 0;
              return (
                <li key={digit} data-best={digit === best}>
                  <span>{digit}</span>
                  <span className={styles.bar}>
                    <span style={{ width: `${100 * share}%` }} />
                  </span>
                  <span>{(100 * share).toFixed(0)}%</span>
                </li>
              );
            })}
          </ol>
        </div>
      </div>
      <p className={styles.help}>{t.help}</p>
      {reading?.maps.map(({ layer, size, maps }, i) => (
        <div key={layer}>
          <p className={styles.layer}>{titles[i]}</p>
          <div className={styles.maps} data-layer={layer}>
            {maps.map((values, map) => (
              <GreyImage key={map} values={values} width={size} height={size} label={`${t.map} ${map + 1}`} />
            ))}
          </div>
        </div>
      ))}
    </>
  );
});

/** Colour over an image, strongest where the values are largest. */
function Heat({ values }: { readonly values: Float32Array }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillStyle = getComputedStyle(context.canvas).getPropertyValue('--dl-series-2').trim();
    const largest = Math.max(...values);
    if (largest <= 0) return;
    for (const [i, value] of values.entries()) {
      context.globalAlpha = (0.8 * value) / largest;
      context.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
    }
    context.globalAlpha = 1;
  }, [values]);
  return <canvas ref={canvas} width={SIDE} height={SIDE} className={styles.heat} aria-hidden />;
}
