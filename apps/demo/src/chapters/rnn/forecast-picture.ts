import colors from 'picocolors';

/** Two series over the same steps, as rows of characters: what came as dots, what was forecast as circles. */
export function forecastPicture(
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  { width, height, unit }: { width: number; height: number; unit: string },
): string[] {
  const count = Math.min(width, actual.length);
  const all = [...Array.from(actual).slice(0, count), ...Array.from(forecast).slice(0, count)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const rowOf = (value: number) => Math.round(((high - value) / (high - low || 1)) * (height - 1));
  const cells = Array.from({ length: height }, () => new Array<string>(count).fill(' '));
  for (let i = 0; i < count; i++) {
    cells[rowOf(actual[i]!)]![i] = '·';
    const row = rowOf(forecast[i]!);
    cells[row]![i] = cells[row]![i] === '·' ? colors.green('●') : colors.cyan('○');
  }
  const labels = cells.map((_, row) => (high - (row * (high - low)) / (height - 1)).toFixed(1));
  const margin = Math.max(...labels.map((label) => label.length));
  return [
    ...cells.map((line, row) => `${labels[row]!.padStart(margin)} ${line.join('')}`.trimEnd()),
    `${' '.repeat(margin)} · what came, ${colors.cyan('○')} the forecast, ${colors.green('●')} both; ${unit}`,
  ];
}
