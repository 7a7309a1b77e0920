import { useColorMode } from '@docusaurus/theme-common';
import { type ReactNode, useEffect, useRef } from 'react';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import styles from './drawing.module.css';
import type { Shown } from './shown.ts';

type LineShown = Extract<Shown, { kind: 'line' }>;

const height = 240;

function optionsOf(shown: LineShown, width: number, css: CSSStyleDeclaration): UPlot.Options {
  const ink = css.getPropertyValue('--ifm-font-color-base').trim();
  const grid = css.getPropertyValue('--ifm-color-emphasis-200').trim();
  const axis = (label?: string): UPlot.Axis => ({
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    ...(label ? { label, labelSize: 20 } : {}),
  });
  return {
    width,
    height,
    scales: { x: { time: false } },
    axes: [axis(shown.xLabel), { ...axis(shown.yLabel), size: 60 }],
    series: [
      { label: shown.xLabel ?? 'x' },
      ...Object.keys(shown.series).map((label, i) => ({
        label,
        stroke: css.getPropertyValue(`--dl-series-${1 + (i % 4)}`).trim(),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

function dataOf({ series, x }: LineShown): UPlot.AlignedData {
  const columns = Object.values(series);
  const length = Math.max(0, ...columns.map((it) => it.length));
  const padded = columns.map((it) => Array.from({ length }, (_, i) => it[i] ?? null));
  return [x ?? Array.from({ length }, (_, i) => i), ...padded];
}

/** Series over a common axis; new values go into the chart that stands there. */
export function LineChart({ shown }: { readonly shown: LineShown }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const latest = useRef(shown);
  latest.current = shown;
  const { colorMode } = useColorMode();
  const names = Object.keys(shown.series).join('\n');

  // Other series or other colours make another chart.
  useEffect(() => {
    let gone = false;
    void import('uplot').then(({ default: Chart }) => {
      if (gone || !place.current) return;
      const css = getComputedStyle(place.current);
      chart.current = new Chart(
        optionsOf(latest.current, place.current.clientWidth || 480, css),
        dataOf(latest.current),
        place.current,
      );
    });
    return () => {
      gone = true;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [names, colorMode]);

  useEffect(() => chart.current?.setData(dataOf(shown)), [shown]);

  return <div ref={place} className={styles.chart} role="img" aria-label={shown.title} />;
}
