import { expect, test } from 'vitest';
import { readNab } from './nab';

test('a series of NAB and the times within its windows', () => {
  const csv = 'timestamp,value\n2014-07-01 00:00:00,1\n2014-07-01 00:30:00,2.5\n2014-07-01 01:00:00,4\n';
  const { values, truth } = readNab(csv, [['2014-07-01 00:30:00.000000', '2014-07-01 00:45:00.000000']]);
  expect([...values]).toEqual([1, 2.5, 4]);
  expect([...truth]).toEqual([0, 1, 0]);
});
