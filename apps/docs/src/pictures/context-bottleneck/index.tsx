import useBaseUrl from '@docusaurus/useBaseUrl';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { TextWithExamples } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { Written } from './compute.ts';
import styles from './context-bottleneck.module.css';

const labels = {
  en: {
    title: 'What one vector cannot hold',
    caption:
      'Two networks of one size learnt the same 12,000 Korean dates, ranges and durations; the one without attention was trained twice as long. Above: how many texts of each length, none of them learnt from, they write right to the last character. Below: both at work in this page.',
    chart: 'Right to the last character, by the length of the source',
    looking: 'with attention',
    blind: 'one vector only',
    characters: 'characters',
    texts: 'texts',
    text: 'A date or a range',
    longer: 'Longer texts',
  },
  ko: {
    title: '벡터 하나에 다 담을 수 없는 것',
    caption:
      '크기가 같은 두 신경망이 같은 한국어 날짜와 기간 12,000개를 학습했습니다. 어텐션이 없는 쪽은 두 배 오래 학습했습니다. 위: 학습에 쓰지 않은 글을 길이별로 나누어 마지막 글자까지 맞힌 비율. 아래: 두 신경망을 이 페이지에서 직접 돌린 결과.',
    chart: '입력 길이별로 마지막 글자까지 맞힌 비율',
    looking: '어텐션 사용',
    blind: '벡터 하나만 사용',
    characters: '글자',
    texts: '개',
    text: '날짜 또는 기간',
    longer: '점점 긴 글',
  },
};

const examples = [
  '2024. 3. 7.',
  '2024년 3월 7일 목요일',
  '2024. 3. 7. ~ 2024. 4. 15.',
  '2024년 3월 7일 목요일 ~ 4월 15일 월요일',
];
const [width, height, left, bottom] = [620, 240, 48, 40];

export default picture(labels, function ContextBottleneck({ t }) {
  const folder = useBaseUrl('/data/');
  const loaded = useLoaded(async () => {
    await loadCore();
    const [compute, { loadTranslator }, response] = await Promise.all([
      import('./compute.ts'),
      import('../load-translator.ts'),
      fetch(`${folder}date-translator.json`),
    ]);
    const { texts } = (await response.json()) as { texts: Written[] };
    const [looking, blind] = await Promise.all([
      loadTranslator(`${folder}date-translator.safetensors`),
      loadTranslator(`${folder}date-translator-blind.safetensors`),
    ]);
    return { ...compute, texts, looking, blind };
  });
  useEffect(
    () => () => {
      loaded?.looking.dispose();
      loaded?.blind.dispose();
    },
    [loaded],
  );
  const [text, setText] = useState(examples[3]!);
  const seen = useDeferredValue(text.trim());
  const [written, setWritten] = useState<{ looking: string; blind: string }>();
  useEffect(() => {
    if (!loaded || seen === '') return;
    let gone = false;
    const options = { beam: 1, maxLength: 30 };
    void Promise.all([loaded.looking.translate(seen, options), loaded.blind.translate(seen, options)]).then(
      ([looking, blind]) => {
        if (!gone) setWritten({ looking, blind });
      },
    );
    return () => {
      gone = true;
    };
  }, [loaded, seen]);
  const rates = useMemo(() => loaded?.ratesByLength(loaded.texts, 8), [loaded]);
  if (!loaded || !rates) return null;

  const column = (width - left - 8) / rates.length;
  const y = (share: number) => 10 + (1 - share) * (height - bottom - 10);
  const wrong = written && loaded.wrongCharacters(written.blind, written.looking);
  return (
    <>
      <p className={styles.key}>
        <span className={styles.looking}>■ {t.looking}</span> <span className={styles.blind}>■ {t.blind}</span>
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} className={styles.chart} role="img" aria-label={t.chart}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <line x1={left} x2={width - 8} y1={y(share)} y2={y(share)} className={styles.grid} />
            <text x={left - 6} y={y(share) + 4} textAnchor="end" className={styles.tick}>
              {100 * share}%
            </text>
          </g>
        ))}
        {rates.map((rate, i) => (
          <g key={rate.from}>
            <title>{`${rate.from}–${rate.to} ${t.characters}, ${rate.count} ${t.texts}: ${(100 * rate.looking).toFixed(1)}%, ${(100 * rate.blind).toFixed(1)}%`}</title>
            {(['looking', 'blind'] as const).map((name, k) => (
              <rect
                key={name}
                x={left + column * i + column * (0.14 + 0.37 * k)}
                width={column * 0.34}
                y={y(rate[name])}
                height={height - bottom - y(rate[name])}
                className={styles[name]}
              />
            ))}
            <text x={left + column * (i + 0.5)} y={height - bottom + 16} textAnchor="middle" className={styles.tick}>
              {rate.from === rate.to ? rate.from : `${rate.from}–${rate.to}`}
            </text>
          </g>
        ))}
        <text x={(left + width) / 2} y={height - 6} textAnchor="middle" className={styles.tick}>
          {t.characters}
        </text>
      </svg>
      <TextWithExamples
        label={t.text}
        value={text}
        examplesLabel={t.longer}
        examples={examples}
        lang="ko"
        onChange={setText}
      />
      {written ? (
        <dl className={styles.outputs} aria-live="polite">
          <dt className={styles.looking}>{t.looking}</dt>
          <dd>{written.looking}</dd>
          <dt className={styles.blind}>{t.blind}</dt>
          <dd>
            {Array.from(written.blind, (character, i) => (
              <span key={i} className={wrong?.[i] ? styles.wrong : undefined}>
                {character}
              </span>
            ))}
          </dd>
        </dl>
      ) : null}
    </>
  );
});
