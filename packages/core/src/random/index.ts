export { type Count, Key, key, keyFromJSON } from './key';
export { type ThreefryKey, threefry2x32, threefryBits } from './threefry';
