import './tensor-dispose';

export { dispose, keep, memory } from '@tensorflow/tfjs-core';
export { type Leak, type LeakOptions, type LeakTracker, trackLeaks } from './leaks';
export { tidy } from './tidy';
