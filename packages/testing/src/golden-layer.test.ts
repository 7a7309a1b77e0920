import { expect, test } from 'vitest';
import { channelsLast } from './golden-layer';

test('channels go from axis 1 to the last', () => {
  const image = { shape: [1, 2, 2, 2], dtype: 'f' as const, data: [1, 2, 3, 4, 10, 20, 30, 40] };
  expect(channelsLast(image)).toEqual({ shape: [1, 2, 2, 2], dtype: 'f', data: [1, 10, 2, 20, 3, 30, 4, 40] });
  const rows = { shape: [2, 3], dtype: 'f' as const, data: [1, 2, 3, 4, 5, 6] };
  expect(channelsLast(rows)).toEqual(rows);
});
