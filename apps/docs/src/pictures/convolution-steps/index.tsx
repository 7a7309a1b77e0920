import { useEffect, useMemo, useState } from 'react';
import { Choice, Controls, Slider } from '../controls.tsx';
import { type Cell, Grids, NumberGrid, short } from '../number-grid.tsx';
import { picture } from '../picture.tsx';
import { loadCore, useLoaded } from '../use-loaded.ts';
import type { ImageName, KernelName, Product, Steps } from './compute.ts';
import styles from './convolution-steps.module.css';

const labels = {
  en: {
    title: 'Convolution, step by step',
    caption:
      'The kernel lies on the framed numbers; they are multiplied with its weights and added up. Press Play, choose a number of the output, or move there with the arrow keys. Broken lines are padding. Computed with conv2d.',
    image: 'Image',
    square: 'square',
    disc: 'disc',
    stripes: 'stripes',
    weights: 'Kernel',
    vertical: 'vertical edges',
    horizontal: 'horizontal edges',
    outline: 'outline',
    blur: 'blur',
    sharpen: 'sharpen',
    kernel: 'Kernel size',
    padding: 'Padding',
    stride: 'Stride',
    dilation: 'Dilation',
    play: 'Play',
    pause: 'Pause',
    next: 'Step',
    input: 'Input',
    output: 'Output',
    size: 'Output size',
    sum: 'At this position',
    never: 'The kernel spans more than the padded image: there is no position where it fits.',
  },
  ko: {
    title: '합성곱 한 걸음씩',
    caption:
      '테두리를 친 숫자 위에 커널이 놓여 있습니다. 같은 자리의 가중치와 곱해서 모두 더한 값이 출력 하나가 됩니다. 재생을 누르거나 출력의 숫자를 고르세요. 화살표 키로도 움직입니다. 점선은 패딩입니다. conv2d로 계산합니다.',
    image: '이미지',
    square: '사각형',
    disc: '원',
    stripes: '줄무늬',
    weights: '커널',
    vertical: '세로 경계',
    horizontal: '가로 경계',
    outline: '윤곽선',
    blur: '흐리게',
    sharpen: '선명하게',
    kernel: '커널 크기',
    padding: '패딩',
    stride: '스트라이드',
    dilation: '딜레이션',
    play: '재생',
    pause: '멈춤',
    next: '한 칸',
    input: '입력',
    output: '출력',
    size: '출력 크기',
    sum: '지금 위치의 계산',
    never: '커널이 패딩까지 더한 이미지보다 넓어서 놓을 자리가 없습니다.',
  },
};

const load = async () => {
  await loadCore();
  return import('./compute.ts');
};

const pace = 500;

export default picture(labels, function ConvolutionSteps({ t }) {
  const compute = useLoaded(load);
  const [image, setImage] = useState<ImageName>('square');
  const [name, setName] = useState<KernelName>('vertical');
  const [steps, setSteps] = useState<Steps>({ kernel: 3, stride: 1, padding: 0, dilation: 1 });
  const [wanted, setWanted] = useState(0);
  const [playing, setPlaying] = useState(false);
  const result = useMemo(() => {
    if (!compute) return undefined;
    const pixels = compute.imageOf(image);
    const weights = compute.kernelOf(name, steps.kernel);
    const size = compute.sizeOf(steps);
    return {
      side: compute.SIDE,
      pixels,
      weights,
      size,
      output: size > 0 ? compute.convolve(pixels, weights, steps) : [],
    };
  }, [compute, image, name, steps]);
  const count = result?.output.length ?? 0;
  useEffect(() => {
    if (!playing || count === 0) return;
    const timer = setInterval(() => setWanted((at) => (at + 1) % count), pace);
    return () => clearInterval(timer);
  }, [playing, count]);
  if (!compute || !result) return null;
  const { side, pixels, weights, size, output } = result;
  const at = count > 0 ? wanted % count : 0;
  const [row, column] = size > 0 ? [Math.floor(at / size), at % size] : [0, 0];
  const products = count > 0 ? compute.productsAt(pixels, weights, steps, [row, column]) : [];
  const change = (part: Partial<Steps>) => setSteps({ ...steps, ...part });
  const { kernel, stride, padding, dilation } = steps;
  const largest = Math.max(1e-6, ...output.map(Math.abs));
  const heaviest = Math.max(...weights.map(Math.abs));
  const padded = Array.from({ length: side + 2 * padding }, (_, r) =>
    Array.from({ length: side + 2 * padding }, (_, c): Cell => {
      const [y, x] = [r - padding, c - padding];
      const outside = y < 0 || y >= side || x < 0 || x >= side;
      const value = outside ? 0 : pixels[y * side + x]!;
      const read = products.some((it) => it.row === y && it.column === x);
      return { text: short(value), strength: value / 12, outside, frame: read ? 'strong' : undefined };
    }),
  );
  return (
    <>
      <Controls>
        <Choice
          label={t.image}
          value={image}
          options={{ square: t.square, disc: t.disc, stripes: t.stripes }}
          onChange={setImage}
        />
        <Choice
          label={t.weights}
          value={name}
          options={{
            vertical: t.vertical,
            horizontal: t.horizontal,
            outline: t.outline,
            blur: t.blur,
            sharpen: t.sharpen,
          }}
          onChange={setName}
        />
        <Slider label={t.kernel} value={kernel} min={1} max={5} onChange={(it) => change({ kernel: it })} />
        <Slider label={t.padding} value={padding} min={0} max={3} onChange={(it) => change({ padding: it })} />
        <Slider label={t.stride} value={stride} min={1} max={4} onChange={(it) => change({ stride: it })} />
        <Slider label={t.dilation} value={dilation} min={1} max={3} onChange={(it) => change({ dilation: it })} />
        <button type="button" className="button button--primary button--sm" onClick={() => setPlaying(!playing)}>
          {playing ? t.pause : t.play}
        </button>
        <button
          type="button"
          className="button button--secondary button--sm"
          disabled={count === 0}
          onClick={() => {
            setPlaying(false);
            setWanted((at + 1) % count);
          }}
        >
          {t.next}
        </button>
      </Controls>
      <p className={styles.formula} data-output-size={size}>
        {t.size} = ⌊({side} + 2·{padding} − {dilation}·({kernel} − 1) − 1) / {stride}⌋ + 1 ={' '}
        <strong>{Math.max(0, size)}</strong>
      </p>
      {count === 0 ? (
        <p role="alert">{t.never}</p>
      ) : (
        <>
          <Grids>
            <NumberGrid title={`${t.input} ${side} × ${side}`} rows={padded} />
            <NumberGrid
              title={`${t.weights} ${kernel} × ${kernel}`}
              rows={rowsOf(kernel, (i) => ({ text: short(weights[i]!), strength: (0.8 * weights[i]!) / heaviest }))}
            />
            <NumberGrid
              title={`${t.output} ${size} × ${size}`}
              picked={[row, column]}
              onPick={(r, c) => {
                setPlaying(false);
                setWanted(r * size + c);
              }}
              rows={rowsOf(size, (i) => ({
                text: short(output[i]!),
                strength: output[i]! / largest,
                frame: i === at ? 'strong' : undefined,
              }))}
            />
          </Grids>
          <p className={styles.formula} aria-live={playing ? 'off' : 'polite'}>
            {t.sum}: <Sum products={products} /> = <strong>{short(output[at]!)}</strong>
          </p>
        </>
      )}
    </>
  );
});

function Sum({ products }: { readonly products: readonly Product[] }) {
  return products.map(({ row, column, value, weight }, i) => (
    <span key={`${row},${column}`} className={value * weight === 0 ? styles.nothing : undefined}>
      {i > 0 ? ' + ' : ''}
      {short(value)}·{weight < 0 ? `(${short(weight)})` : short(weight)}
    </span>
  ));
}

const rowsOf = (size: number, cell: (i: number) => Cell) =>
  Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, c) => cell(r * size + c)));
