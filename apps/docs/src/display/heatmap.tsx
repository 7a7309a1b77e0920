import type { ReactNode } from 'react';

/** A matrix as cells that grow darker with their value; values at or below zero are empty. */
export function Heatmap(props: {
  readonly title: string;
  readonly matrix: readonly ArrayLike<number>[];
  readonly rows?: readonly string[];
  readonly columns?: readonly string[];
}): ReactNode {
  const { title, matrix, rows, columns } = props;
  const width = Math.max(0, ...matrix.map((row) => row.length));
  const cell = Math.max(8, Math.min(24, 600 / Math.max(1, width)));
  const left = rows ? 12 + 7.5 * Math.max(0, ...rows.map(widthOf)) : 0;
  const top = columns ? 20 : 0;
  const largest = matrix.reduce((most, row) => Math.max(most, ...Array.from(row)), 0);
  return (
    <svg
      viewBox={`0 0 ${left + width * cell + 2} ${top + matrix.length * cell + 2}`}
      width={left + width * cell + 2}
      role="img"
      aria-label={title}
    >
      <g fill="currentColor" fontSize="12" fontFamily="var(--ifm-font-family-monospace)">
        {columns?.map((text, i) => (
          <text key={i} x={left + (i + 0.5) * cell} y={14} textAnchor="middle">
            {text}
          </text>
        ))}
        {rows?.map((text, i) => (
          <text key={i} x={left - 6} y={top + (i + 0.5) * cell + 4} textAnchor="end">
            {text}
          </text>
        ))}
      </g>
      {matrix.map((row, i) =>
        Array.from(row, (value, j) => (
          <rect
            key={`${i},${j}`}
            x={left + j * cell}
            y={top + i * cell}
            width={cell - 1}
            height={cell - 1}
            fill="var(--dl-series-1)"
            stroke="var(--ifm-color-emphasis-300)"
            strokeWidth={0.5}
            fillOpacity={largest > 0 ? Math.max(0, value) / largest : 0}
          >
            <title>{`${rows?.[i] ?? i} × ${columns?.[j] ?? j}: ${value.toPrecision(3)}`}</title>
          </rect>
        )),
      )}
    </svg>
  );
}

// Hangul and other wide letters take two columns of a monospaced font.
const widthOf = (text: string) => [...text].reduce((sum, it) => sum + (it.codePointAt(0)! > 0x1100 ? 2 : 1), 0);
