import useBaseUrl from '@docusaurus/useBaseUrl';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { arrowOf } from '../arrow-keys.ts';
import { Choice, Controls, Field, Slider } from '../controls.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { Part, Step } from './compute.ts';
import styles from './lstm-gates.module.css';

const labels = {
  en: {
    title: 'Inside an LSTM that adds',
    caption:
      'The network learnt to add the marked numbers of a sequence when this site was built; what you see are its gates, computed here with lstmCell of @dl/rnn. Its training sequences had 12 numbers, a fifth of them marked.',
    help: 'Click a column, or move along with the arrow keys; space marks or unmarks a number.',
    unit: 'Unit',
    follows: 'follows the sum',
    number: 'Number',
    sum: 'Sum of the marked',
    says: 'The network says',
    input: 'number',
    i: 'i: let in',
    f: 'f: keep',
    g: 'g: candidate',
    o: 'o: show',
    c: 'c: cell',
    h: 'h: hidden',
    step: 'Step',
    marked: 'marked',
    mark: 'Mark it',
    unmark: 'Unmark it',
    table: 'Gates, cell and hidden state of one unit at every step',
  },
  ko: {
    title: '덧셈하는 LSTM의 속',
    caption:
      '이 사이트를 빌드할 때 “표시한 수만 더하기”를 학습한 신경망입니다. 게이트 값은 @dl/rnn의 lstmCell로 이 페이지에서 계산합니다. 학습할 때는 길이 12인 시퀀스에서 수의 5분의 1을 표시했습니다.',
    help: '칸을 누르거나 화살표 키로 움직이세요. 스페이스 키로 표시를 켜고 끕니다.',
    unit: '유닛',
    follows: '합을 따라감',
    number: '수',
    sum: '표시한 수의 합',
    says: '신경망의 답',
    input: '입력',
    i: 'i 입력',
    f: 'f 망각',
    g: 'g 후보',
    o: 'o 출력',
    c: 'c 셀',
    h: 'h 은닉',
    step: '시점',
    marked: '표시됨',
    mark: '표시하기',
    unmark: '표시 지우기',
    table: '한 유닛의 시점별 게이트, 셀 상태, 은닉 상태',
  },
};

const first: readonly Step[] = [
  [0.6, false],
  [0.3, true],
  [0.9, false],
  [0.5, false],
  [0.8, true],
  [0.2, false],
  [0.7, false],
  [0.4, false],
  [0.1, false],
  [0.9, false],
  [0.4, true],
  [0.6, false],
].map(([value, marked]) => ({ value: value as number, marked: marked as boolean }));

const [cell, left, row] = [44, 92, 34];

export default picture(labels, function LstmGates({ t }) {
  const file = useBaseUrl('/data/adding-lstm.safetensors');
  const loaded = useLoaded(async () => {
    await loadCore();
    const [compute, network, response] = await Promise.all([
      import('./compute.ts'),
      import('./load-adder.ts'),
      fetch(file),
    ]);
    if (!response.ok) throw new Error(`${file}: the site answered ${response.status}`);
    return { ...compute, ...network, model: network.loadAdder(await response.arrayBuffer()) };
  });
  const [steps, setSteps] = useState(first);
  const [at, setAt] = useState(4);
  const [unit, setUnit] = useState<string>();
  const sums = useMemo(() => loaded?.runningSums(steps), [loaded, steps]);
  const gates = useMemo(() => loaded?.gatesOf(loaded.model.lstm, steps), [loaded, steps]);
  const answer = useMemo(() => loaded?.answerOf(loaded.model, steps), [loaded, steps]);
  const follower = useMemo(
    () => loaded && gates && loaded.accumulator(gates, loaded.runningSums(first)),
    [loaded, gates],
  );
  if (!loaded || !gates || !sums || answer === undefined || follower === undefined) return null;

  const own = unit === undefined ? follower : Number(unit);
  const change = (place: number, by: Partial<Step>) =>
    setSteps((before) => before.map((step, i) => (i === place ? { ...step, ...by } : step)));
  const toggle = (place: number) => change(place, { marked: !steps[place]!.marked });
  const onKey = (event: KeyboardEvent) => {
    const arrow = arrowOf(event.key);
    if (event.key === ' ') toggle(at);
    else if (arrow && arrow[0] !== 0) setAt(Math.min(steps.length - 1, Math.max(0, at + arrow[0])));
    else if (arrow) change(at, { value: Math.min(1, Math.max(0, Math.round(10 * steps[at]!.value - arrow[1]) / 10)) });
    else return;
    event.preventDefault();
  };
  const largest = Math.max(1, ...gates.c.map((values) => Math.abs(values[own]!)));
  const units = Object.fromEntries(
    Array.from({ length: loaded.model.lstm.hidden }, (_, u) => [
      String(u),
      `${u + 1}${u === follower ? ` (${t.follows})` : ''}`,
    ]),
  );
  const width = left + cell * steps.length;
  const parts = loaded.PARTS;
  return (
    <>
      <Controls>
        <Choice label={t.unit} value={String(own)} options={units} onChange={setUnit} />
        <Slider
          label={`${t.number} ${at + 1}`}
          value={steps[at]!.value}
          min={0}
          max={1}
          step={0.1}
          format={(it) => it.toFixed(1)}
          onChange={(value) => change(at, { value })}
        />
        <button type="button" className="button button--secondary button--sm" onClick={() => toggle(at)}>
          {steps[at]!.marked ? t.unmark : t.mark}
        </button>
      </Controls>
      <div className={styles.scroll}>
        <Field
          viewBox={`0 0 ${width} ${row * (parts.length + 1) + 26}`}
          className={styles.gates}
          aria-label={`${t.table}. ${t.help}`}
          onKeyDown={onKey}
        >
          <text x={left - 8} y={row / 2 + 5} textAnchor="end" className={styles.name}>
            {t.input}
          </text>
          {steps.map((step, i) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the picture around it does the same by key
            <g
              key={i}
              onClick={() => {
                if (i === at) toggle(i);
                else setAt(i);
              }}
            >
              <rect
                x={left + cell * i}
                y={0}
                width={cell - 3}
                height={row - 3}
                rx={4}
                className={step.marked ? styles.marked : styles.input}
              />
              <text
                x={left + cell * (i + 0.5) - 1}
                y={row / 2 + 4}
                textAnchor="middle"
                className={step.marked ? styles.on : styles.value}
              >
                {step.value.toFixed(1)}
              </text>
              {parts.map((part, p) => {
                const value = gates[part][i]![own]!;
                return (
                  <g key={part}>
                    <rect
                      x={left + cell * i}
                      y={row * (p + 1)}
                      width={cell - 3}
                      height={row - 3}
                      rx={3}
                      className={styles.cell}
                    />
                    <rect
                      x={left + cell * i}
                      y={row * (p + 1)}
                      width={cell - 3}
                      height={row - 3}
                      rx={3}
                      className={value < 0 ? styles.negative : styles.positive}
                      style={{ fillOpacity: (0.75 * Math.abs(value)) / (part === 'c' ? largest : 1) }}
                    />
                    <text
                      x={left + cell * (i + 0.5) - 1}
                      y={row * (p + 1.5) + 3}
                      textAnchor="middle"
                      className={styles.value}
                    >
                      {value.toFixed(2)}
                    </text>
                  </g>
                );
              })}
              <text
                x={left + cell * (i + 0.5) - 1}
                y={row * (parts.length + 1) + 16}
                textAnchor="middle"
                className={styles.sum}
              >
                {sums[i]!.toFixed(1)}
              </text>
            </g>
          ))}
          {parts.map((part: Part, p) => (
            <text key={part} x={left - 8} y={row * (p + 1.5) + 3} textAnchor="end" className={styles.name}>
              {t[part]}
            </text>
          ))}
          <text x={left - 8} y={row * (parts.length + 1) + 16} textAnchor="end" className={styles.name}>
            Σ
          </text>
          <rect
            x={left + cell * at - 2}
            y={0}
            width={cell + 1}
            height={row * (parts.length + 1) + 24}
            rx={5}
            className={styles.cursor}
          />
        </Field>
      </div>
      <p className={styles.words} aria-live="polite">
        {t.sum}: <b>{sums.at(-1)!.toFixed(2)}</b> · {t.says}: <b>{answer.toFixed(2)}</b>
        <br />
        {t.step} {at + 1}
        {steps[at]!.marked ? `, ${t.marked}` : ''}: c = f·c + i·g = {gates.f[at]![own]!.toFixed(2)} ·{' '}
        {(at > 0 ? gates.c[at - 1]![own]! : 0).toFixed(2)} + {gates.i[at]![own]!.toFixed(2)} ·{' '}
        {gates.g[at]![own]!.toFixed(2)} = {gates.c[at]![own]!.toFixed(2)}
      </p>
      <p className={styles.help}>{t.help}</p>
    </>
  );
});
