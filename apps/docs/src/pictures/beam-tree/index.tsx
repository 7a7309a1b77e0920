import useBaseUrl from '@docusaurus/useBaseUrl';
import { useEffect, useMemo, useState } from 'react';
import { Choice, Controls, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import styles from './beam-tree.module.css';

const labels = {
  en: {
    title: 'Greedy against beam search',
    caption:
      'Every candidate that the search looked at, step by step from left to right, the likeliest of each step on top; pale ones were dropped. The network is the one without attention, which is often unsure; the texts are some that greedy search gets wrong and a beam of 4 right. Noted from beamSearch of @dl/seq2seq-attention.',
    text: 'Text',
    beam: 'Beam',
    greedy: 'greedy search',
    wanted: 'right would be',
    found: 'found',
    probability: 'probability',
    tree: 'Tree of the search',
    all: 'Of all texts kept for testing, right:',
    greedyRate: 'greedy',
    beamRate: 'beam of 4',
  },
  ko: {
    title: '탐욕 탐색과 빔 탐색',
    caption:
      '탐색이 살펴본 후보를 왼쪽부터 차례로 그렸습니다. 위에 있을수록 확률이 높고, 흐린 것은 버린 후보입니다. 확신이 부족한 ‘어텐션 없는’ 신경망을 썼고, 탐욕 탐색은 틀리지만 빔 4는 맞히는 글을 골랐습니다. @dl/seq2seq-attention의 beamSearch가 하는 일을 그대로 적은 것입니다.',
    text: '글',
    beam: '빔 크기',
    greedy: '탐욕 탐색',
    wanted: '정답',
    found: '찾은 답',
    probability: '확률',
    tree: '탐색 나무',
    all: '시험용 글 전체에서 맞힌 비율:',
    greedyRate: '탐욕',
    beamRate: '빔 4',
  },
};

const [column, row, left, top] = [50, 34, 14, 20];

export default picture(labels, function BeamTree({ t }) {
  const folder = useBaseUrl('/data/');
  const loaded = useLoaded(async () => {
    await loadCore();
    const [compute, { loadTranslator }, response] = await Promise.all([
      import('./compute.ts'),
      import('../load-translator.ts'),
      fetch(`${folder}date-translator.json`),
    ]);
    const notes = (await response.json()) as {
      greedy: number;
      beam: number;
      turns: [source: string, target: string][];
    };
    return { ...compute, ...notes, translator: await loadTranslator(`${folder}date-translator-blind.safetensors`) };
  });
  useEffect(() => () => loaded?.translator.dispose(), [loaded]);
  const [which, setWhich] = useState('0');
  const [beam, setBeam] = useState(3);
  const turns = loaded?.turns.slice(0, 6);
  const [source, wanted] = turns?.[Number(which)] ?? [];
  const tree = useMemo(() => {
    if (!loaded || source === undefined) return undefined;
    return loaded.beamTree(loaded.translator.model, loaded.translator.source.encode(source), { beam, maxLength: 12 });
  }, [loaded, source, beam]);
  if (!loaded || !tree || !turns) return null;

  const nameOf = (token: number) => {
    const name = loaded.translator.target.vocabulary.tokenOf(token);
    return name === '</s>' ? '■' : name;
  };
  const { nodes, path, best } = tree;
  const depth = Math.max(...nodes.map((node) => node.depth));
  const rows = Math.max(...nodes.map((node) => node.rank)) + 1;
  const [width, height] = [left + column * (depth + 1.6), top + row * rows];
  const place = (at: number | undefined) => {
    if (at === undefined) return [left, top] as const;
    const node = nodes[at]!;
    return [left + column * (node.depth + 1), top + row * node.rank] as const;
  };
  const found = loaded.translator.target.decode(best.tokens);
  return (
    <>
      <Controls>
        <Choice
          label={t.text}
          value={which}
          options={Object.fromEntries(turns.map(([text], i) => [String(i), text]))}
          onChange={setWhich}
        />
        <Slider
          label={t.beam}
          value={beam}
          min={1}
          max={5}
          format={(it) => (it === 1 ? `1 (${t.greedy})` : String(it))}
          onChange={setBeam}
        />
      </Controls>
      <p className={styles.words} aria-live="polite">
        {t.found} <b className={found === wanted ? styles.right : styles.wrong}>{found}</b>, {t.probability}{' '}
        {(100 * Math.exp(best.logProb)).toFixed(1)}% · {t.wanted} <b>{wanted}</b>
      </p>
      <div className={styles.scroll}>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          style={{ width, maxWidth: 'none' }}
          role="img"
          aria-label={`${t.tree}: ${found}`}
        >
          <circle cx={left} cy={top} r={5} className={styles.root} />
          {nodes.map((node, i) => {
            const [x1, y1] = place(node.before);
            const [x2, y2] = place(i);
            const state = path.has(i) ? styles.best : node.fate === 'dropped' ? styles.dropped : styles.kept;
            return (
              <path
                key={i}
                d={`M${x1} ${y1}C${x1 + 22} ${y1} ${x2 - 22} ${y2} ${x2} ${y2}`}
                className={`${styles.edge} ${state}`}
              />
            );
          })}
          {nodes.map((node, i) => {
            const [x, y] = place(i);
            const state = path.has(i) ? styles.best : node.fate === 'dropped' ? styles.dropped : styles.kept;
            const share = 100 * Math.exp(node.logProb);
            return (
              <g key={i} className={state}>
                <circle cx={x} cy={y} r={11} className={styles.node} />
                <text x={x} y={y + 5} textAnchor="middle" className={styles.token}>
                  {nameOf(node.token)}
                </text>
                {node.fate === 'dropped' ? null : (
                  <text x={x} y={y + 21} textAnchor="middle" className={styles.share}>
                    {share < 0.1 ? '<0.1' : share.toFixed(share < 10 ? 1 : 0)}%
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <p className={styles.words}>
        {t.all} {t.greedyRate} {(100 * loaded.greedy).toFixed(1)}%, {t.beamRate} {(100 * loaded.beam).toFixed(1)}%
      </p>
    </>
  );
});
