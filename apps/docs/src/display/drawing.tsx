import { type ReactNode, useEffect, useRef } from 'react';
import styles from './drawing.module.css';
import { Heatmap } from './heatmap.tsx';
import { LineChart } from './line-chart.tsx';
import { Scatter } from './scatter.tsx';
import type { Shown } from './shown.ts';

/** Draws what an example asked for. */
export function Drawing({ shown }: { readonly shown: Shown }): ReactNode {
  return (
    <figure className={styles.drawing} data-drawing={shown.kind}>
      {shown.title ? <figcaption>{shown.title}</figcaption> : null}
      <Body shown={shown} />
    </figure>
  );
}

function Body({ shown }: { readonly shown: Shown }): ReactNode {
  switch (shown.kind) {
    case 'line':
      return <LineChart shown={shown} />;
    case 'heatmap':
      return <Heatmap {...shown} />;
    case 'images':
      return <Images shown={shown} />;
    case 'scatter':
      return <Scatter groups={shown.groups} />;
    case 'table':
      return <Table rows={shown.rows} />;
  }
}

function Table({ rows }: { readonly rows: readonly Readonly<Record<string, string | number>>[] }): ReactNode {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const text = (value: string | number | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(5))) : (value ?? '');
  return (
    <table>
      <thead>
        <tr>
          {columns.map((it) => (
            <th key={it}>{it}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <tr key={i}>
            {columns.map((it) => (
              <td key={it}>{text(row[it])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type ImagesShown = Extract<Shown, { kind: 'images' }>;

function Images({ shown: { pixels, width, height, captions } }: { readonly shown: ImagesShown }): ReactNode {
  return (
    <div className={styles.images}>
      {pixels.map((values, i) => (
        <div key={i} className={styles.image}>
          <GreyImage values={values} width={width} height={height} label={captions?.[i] ?? `${i + 1}`} />
          {captions?.[i] ? <span>{captions[i]}</span> : null}
        </div>
      ))}
    </div>
  );
}

/** One grey image `[height * width]`: 0 is black, the largest value white. */
export function GreyImage(props: {
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}): ReactNode {
  const { values, width, height, label } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    let largest = 0;
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
    for (let i = 0; i < width * height; i++) {
      const grey = largest > 0 ? (255 * Math.max(0, values[i]!)) / largest : 0;
      image.data.set([grey, grey, grey, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }, [values, width, height]);
  return <canvas ref={canvas} width={width} height={height} className={styles.pixels} role="img" aria-label={label} />;
}
