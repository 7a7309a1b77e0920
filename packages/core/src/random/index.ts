export type { Key } from './key';
export { type ThreefryKey, threefry2x32, threefryBits } from './threefry';
