import { useMemo, useState } from 'react';
import { Choice, Controls, Slider } from '../controls.tsx';
import { type Cell, Grids, NumberGrid, short } from '../number-grid.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { Pooling, Windows } from './compute.ts';

const labels = {
  en: {
    title: 'Pooling, and where its gradient goes',
    caption:
      'Choose a number of the output, by pointer or with the arrow keys: its window is framed on the left. On the right is what the gradient of 1 at the chosen outputs becomes at the input. Computed with maxPool2d, avgPool2d and grad.',
    kind: 'Pooling',
    max: 'maximum',
    average: 'average',
    kernel: 'Window',
    stride: 'Stride',
    from: 'Gradient from',
    one: 'the chosen number',
    all: 'every number',
    other: 'Other numbers',
    input: 'Input 6 × 6',
    output: 'Output',
    gradient: 'Gradient at the input',
  },
  ko: {
    title: '풀링, 그리고 기울기가 돌아가는 자리',
    caption:
      '출력의 숫자 하나를 누르거나 화살표 키로 고르면 그 숫자를 만든 창이 왼쪽에 표시됩니다. 오른쪽은 고른 출력에 기울기 1을 주었을 때 입력까지 되돌아온 기울기입니다. maxPool2d, avgPool2d, grad로 계산합니다.',
    kind: '풀링',
    max: '최댓값',
    average: '평균',
    kernel: '창 크기',
    stride: '스트라이드',
    from: '기울기를 줄 곳',
    one: '고른 숫자 하나',
    all: '출력 전체',
    other: '다른 숫자로',
    input: '입력 6 × 6',
    output: '출력',
    gradient: '입력의 기울기',
  },
};

const load = async () => {
  await loadCore();
  return import('./compute.ts');
};

export default picture(labels, function PoolingSteps({ t }) {
  const compute = useLoaded(load);
  const [kind, setKind] = useState<Pooling>('max');
  const [windows, setWindows] = useState<Windows>({ kernel: 2, stride: 2 });
  const [set, setSet] = useState(1);
  const [from, setFrom] = useState<'one' | 'all'>('one');
  const [wanted, setWanted] = useState<readonly [number, number]>([0, 0]);
  const result = useMemo(() => {
    if (!compute) return undefined;
    const size = compute.sizeOf(windows);
    const at = [Math.min(wanted[0], size - 1), Math.min(wanted[1], size - 1)] as const;
    const input = compute.inputOf(set);
    const dy = Array.from({ length: size * size }, (_, i) => (from === 'all' || i === at[0] * size + at[1] ? 1 : 0));
    return { side: compute.SIDE, size, at, input, ...compute.pool(kind, input, windows, dy) };
  }, [compute, kind, windows, set, from, wanted]);
  if (!result) return null;
  const { side, size, at, input, output, gradient } = result;
  const [top, left] = [at[0] * windows.stride, at[1] * windows.stride];
  const framed = (row: number, column: number) =>
    row >= top && row < top + windows.kernel && column >= left && column < left + windows.kernel;
  const grid = (count: number, cell: (i: number, row: number, column: number) => Cell) =>
    Array.from({ length: count }, (_, row) =>
      Array.from({ length: count }, (_, column) => cell(row * count + column, row, column)),
    );
  return (
    <>
      <Controls>
        <Choice label={t.kind} value={kind} options={{ max: t.max, average: t.average }} onChange={setKind} />
        <Slider
          label={t.kernel}
          value={windows.kernel}
          min={1}
          max={4}
          onChange={(kernel) => setWindows({ ...windows, kernel })}
        />
        <Slider
          label={t.stride}
          value={windows.stride}
          min={1}
          max={4}
          onChange={(stride) => setWindows({ ...windows, stride })}
        />
        <Choice label={t.from} value={from} options={{ one: t.one, all: t.all }} onChange={setFrom} />
        <button type="button" className="button button--secondary button--sm" onClick={() => setSet(set + 1)}>
          {t.other}
        </button>
      </Controls>
      <Grids>
        <NumberGrid
          title={t.input}
          rows={grid(side, (i, row, column) => ({
            text: short(input[i]!),
            strength: input[i]! / 12,
            frame: framed(row, column) ? 'strong' : undefined,
          }))}
        />
        <NumberGrid
          title={`${t.output} ${size} × ${size}`}
          picked={at}
          onPick={(row, column) => setWanted([row, column])}
          rows={grid(size, (i, row, column) => ({
            text: short(output[i]!),
            strength: output[i]! / 12,
            frame: row === at[0] && column === at[1] ? 'strong' : undefined,
          }))}
        />
        <NumberGrid
          title={t.gradient}
          rows={grid(side, (i, row, column) => ({
            text: short(gradient[i]!),
            strength: gradient[i]!,
            frame: framed(row, column) ? 'weak' : undefined,
          }))}
        />
      </Grids>
    </>
  );
});
