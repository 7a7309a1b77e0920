import type { Chapter } from '../chapter';
import { faultyWeather } from './anomaly/faulty-weather';
import { oneDigit } from './anomaly/one-digit';
import { twoTasks } from './anomaly/two-tasks';

/** Outlier and novelty detection: which detector is best depends on whether the training data is clean. */
export const anomaly: Chapter = {
  name: 'anomaly',
  title: 'Outlier and novelty detection (@dl/anomaly)',
  sections: [twoTasks, faultyWeather, oneDigit],
};
