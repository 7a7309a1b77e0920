import useBaseUrl from '@docusaurus/useBaseUrl';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { arrowOf } from '../arrow-keys.ts';
import { Field, TextWithExamples } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import styles from './attention-map.module.css';

const labels = {
  en: {
    title: 'What it looks at',
    caption:
      'Type a date in Korean. Each row is a character that the network writes, each column one that it may look at; the darker, the more weight. The network learnt 12,000 dates, ranges and durations when this site was built with @dl/seq2seq-attention, and it runs in this page.',
    text: 'A date in Korean',
    examples: 'Try',
    written: 'It writes',
    unknown: 'It has never seen these characters:',
    nothing: 'Type a date.',
    map: 'Heat map of the attention. Arrow keys up and down choose a written character.',
    looks: 'looks at',
    end: 'end',
  },
  ko: {
    title: '무엇을 보고 쓰는가',
    caption:
      '한국어로 날짜를 입력해 보세요. 행은 신경망이 쓰는 글자, 열은 입력 글자이고, 진할수록 가중치가 큽니다. 이 사이트를 빌드할 때 @dl/seq2seq-attention으로 날짜와 기간 12,000개를 학습한 신경망이 이 페이지 안에서 돌아갑니다.',
    text: '한국어 날짜',
    examples: '예시',
    written: '출력',
    unknown: '학습할 때 본 적이 없는 글자:',
    nothing: '날짜를 입력하세요.',
    map: '어텐션 히트맵. 위아래 화살표 키로 출력 글자를 고릅니다.',
    looks: '이(가) 보는 글자',
    end: '끝',
  },
};

const examples = [
  '2026년 11월 24일 화요일',
  '1999. 12. 31.',
  '헤이세이 3년 5월 9일',
  '2024년 3월 7일 ~ 4월 15일',
  '3시간 20분',
];
const [cell, left, top] = [26, 46, 34];

export default picture(labels, function AttentionMap({ t }) {
  const file = useBaseUrl('/data/date-translator.safetensors');
  const loaded = useLoaded(async () => {
    await loadCore();
    const [compute, { loadTranslator }] = await Promise.all([import('./compute.ts'), import('../load-translator.ts')]);
    return { ...compute, translator: await loadTranslator(file) };
  });
  useEffect(() => () => loaded?.translator.dispose(), [loaded]);
  const [text, setText] = useState(examples[0]!);
  const [chosen, setChosen] = useState(0);
  const seen = useDeferredValue(text);
  const reading = useMemo(() => loaded?.read(loaded.translator, seen), [loaded, seen]);
  if (!loaded) return null;

  const at = reading ? Math.min(chosen, reading.target.length - 1) : 0;
  const name = (piece: string) => (piece === '</s>' ? t.end : piece === ' ' ? '␣' : piece);
  const onKey = (event: KeyboardEvent) => {
    const arrow = arrowOf(event.key);
    if (!reading || !arrow || arrow[1] === 0) return;
    event.preventDefault();
    setChosen(Math.min(reading.target.length - 1, Math.max(0, at + arrow[1])));
  };
  const ranked = reading
    ? reading.weights[at]!.map((weight, j) => ({ weight, j }))
        .sort((a, b) => b.weight - a.weight)
        .slice(0, 3)
    : [];
  const width = reading ? left + cell * reading.source.length + 4 : 0;
  const height = reading ? top + cell * reading.target.length + 4 : 0;
  return (
    <>
      <TextWithExamples
        label={t.text}
        value={text}
        examplesLabel={t.examples}
        examples={examples}
        lang="ko"
        onChange={setText}
      />
      {reading ? (
        <>
          <p className={styles.written} aria-live="polite">
            {t.written} <output>{reading.written}</output>
          </p>
          {reading.unknown.length > 0 ? (
            <p role="alert">
              {t.unknown} {reading.unknown.join(' ')}
            </p>
          ) : null}
          <div className={styles.scroll}>
            <Field
              viewBox={`0 0 ${width} ${height}`}
              style={{ width, maxWidth: 'none' }}
              className={styles.map}
              aria-label={t.map}
              onKeyDown={onKey}
            >
              {reading.source.map((piece, j) => (
                <text
                  key={j}
                  x={left + cell * (j + 0.5)}
                  y={top - 10}
                  textAnchor="middle"
                  className={styles.piece}
                  data-strong={reading.weights[at]![j]! > 0.2}
                >
                  {name(piece)}
                </text>
              ))}
              {reading.target.map((piece, i) => (
                // biome-ignore lint/a11y/noStaticElementInteractions: the picture around it does the same by key
                <g key={i} onClick={() => setChosen(i)} onPointerEnter={() => setChosen(i)}>
                  <text
                    x={left - 8}
                    y={top + cell * (i + 0.5) + 5}
                    textAnchor="end"
                    className={styles.piece}
                    data-strong={i === at}
                  >
                    {name(piece)}
                  </text>
                  {reading.weights[i]!.map((weight, j) => (
                    <g key={j}>
                      <rect
                        x={left + cell * j}
                        y={top + cell * i}
                        width={cell - 2}
                        height={cell - 2}
                        rx={3}
                        className={styles.empty}
                      />
                      <rect
                        x={left + cell * j}
                        y={top + cell * i}
                        width={cell - 2}
                        height={cell - 2}
                        rx={3}
                        className={styles.weight}
                        style={{ fillOpacity: weight }}
                      />
                    </g>
                  ))}
                </g>
              ))}
              <rect
                x={left - 2}
                y={top + cell * at - 2}
                width={cell * reading.source.length + 2}
                height={cell + 2}
                rx={4}
                className={styles.cursor}
              />
            </Field>
          </div>
          <p className={styles.words}>
            <b>{name(reading.target[at]!)}</b> {t.looks}:{' '}
            {ranked.map(({ weight, j }) => `${name(reading.source[j]!)} ${(100 * weight).toFixed(0)}%`).join(', ')}
          </p>
        </>
      ) : (
        <p>{t.nothing}</p>
      )}
    </>
  );
});
