import type { KeyboardEvent, ReactNode } from 'react';
import { arrowOf } from './arrow-keys.ts';
import styles from './number-grid.module.css';

/** One cell of a grid of numbers. */
export interface Cell {
  readonly text: string;
  /** How strong its colour is, from 0 to 1; below 0 in the colour of negative numbers. */
  readonly strength: number;
  /** A frame: strong for the one that is meant, weak for what belongs to it. */
  readonly frame?: 'strong' | 'weak' | undefined;
  /** Drawn with a broken line: not of the data, such as padding. */
  readonly outside?: boolean;
}

const size = 40;

/** A matrix of numbers, each in a coloured square; where `onPick` is given a cell can be chosen by pointer and arrow keys. */
export function NumberGrid(props: {
  readonly title: string;
  readonly rows: readonly (readonly Cell[])[];
  readonly onPick?: (row: number, column: number) => void;
  /** The chosen cell, from which arrow keys go on. */
  readonly picked?: readonly [row: number, column: number];
}): ReactNode {
  const { title, rows, onPick, picked } = props;
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  const move = (event: KeyboardEvent) => {
    const arrow = arrowOf(event.key);
    if (!onPick || !picked || !arrow) return;
    event.preventDefault();
    const within = (at: number, count: number) => Math.min(count - 1, Math.max(0, at));
    onPick(within(picked[0] + arrow[1], height), within(picked[1] + arrow[0], width));
  };
  return (
    <figure className={styles.grid} style={{ flexBasis: `${width * size}px`, maxWidth: `${width * size}px` }}>
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`-2 -2 ${width * size + 4} ${height * size + 4}`}
        role={onPick ? 'application' : 'img'}
        aria-label={title}
        tabIndex={onPick ? 0 : undefined}
        onKeyDown={move}
      >
        {rows.map((row, r) =>
          row.map((cell, c) => (
            <g
              key={`${r},${c}`}
              transform={`translate(${c * size} ${r * size})`}
              onPointerDown={onPick && (() => onPick(r, c))}
              className={onPick ? styles.pickable : undefined}
            >
              <rect width={size} height={size} className={cell.outside ? styles.outside : styles.cell} />
              <rect
                width={size}
                height={size}
                fill={cell.strength < 0 ? 'var(--dl-series-2)' : 'var(--dl-series-1)'}
                fillOpacity={0.55 * Math.min(1, Math.abs(cell.strength))}
              />
              <text x={size / 2} y={size / 2 + 5} textAnchor="middle" className={styles.number}>
                {cell.text}
              </text>
            </g>
          )),
        )}
        {rows.map((row, r) =>
          row.map((cell, c) =>
            cell.frame ? (
              <rect
                key={`${r},${c}`}
                x={c * size + 1}
                y={r * size + 1}
                width={size - 2}
                height={size - 2}
                className={cell.frame === 'strong' ? styles.strong : styles.weak}
              />
            ) : null,
          ),
        )}
      </svg>
    </figure>
  );
}

/** Grids side by side, below each other where there is no room. */
export function Grids({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles.grids}>{children}</div>;
}

/** A number in as few characters as a cell has room for. */
export function short(value: number): string {
  const text = Math.abs(value) < 1e-6 ? '0' : Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(2);
  return (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace('-', '−');
}
