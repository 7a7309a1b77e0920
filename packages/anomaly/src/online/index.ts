export { CUSUM, type CUSUMOptions } from './cusum';
export { EWMA, type EWMAOptions } from './ewma';
export { decode, encode, load, type OnlineClass, save } from './files';
export { HalfSpaceTrees, type HalfSpaceTreesOptions } from './half-space-trees';
export { OnlineDetector, type Verdict } from './online-detector';
export { DSPOT, type DSPOTOptions, SPOT, type SPOTOptions } from './spot';
