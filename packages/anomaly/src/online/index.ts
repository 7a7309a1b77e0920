export { CUSUM, type CUSUMOptions } from './cusum';
export { EWMA, type EWMAOptions } from './ewma';
export { HalfSpaceTrees, type HalfSpaceTreesOptions } from './half-space-trees';
export type { OnlineDetector, Verdict } from './online-detector';
export { DSPOT, type DSPOTOptions, SPOT, type SPOTOptions } from './spot';
