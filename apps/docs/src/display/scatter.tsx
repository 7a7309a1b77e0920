import type { ReactNode } from 'react';

const [width, height, margin] = [480, 320, 24];

/** Points in the plane, a colour and a mark for each group. */
export function Scatter({
  groups,
}: {
  readonly groups: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}): ReactNode {
  const names = Object.keys(groups);
  const all = names.flatMap((name) => [...groups[name]!]);
  const [x, y] = [0, 1].map((axis) => {
    const values = all.map((point) => point[axis as 0 | 1]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (value: number) => (high > low ? (value - low) / (high - low) : 0.5);
  }) as [(value: number) => number, (value: number) => number];
  return (
    <svg viewBox={`0 0 ${width} ${height + 20 * names.length}`} width={width} role="img" aria-label={names.join(', ')}>
      <rect x={1} y={1} width={width - 2} height={height - 2} fill="none" stroke="var(--ifm-color-emphasis-300)" />
      {names.map((name, group) => (
        <g key={name} fill={`var(--dl-series-${1 + (group % 4)})`}>
          {groups[name]!.map(([px, py], i) => (
            <circle
              key={i}
              cx={margin + x(px) * (width - 2 * margin)}
              cy={height - margin - y(py) * (height - 2 * margin)}
              r={group === 0 ? 2.5 : 3.5}
              fillOpacity={0.75}
            />
          ))}
          <circle cx={10} cy={height + 12 + 20 * group} r={5} />
          <text x={22} y={height + 16 + 20 * group} fontSize="13" style={{ fill: 'currentColor' }}>
            {name}
          </text>
        </g>
      ))}
    </svg>
  );
}
