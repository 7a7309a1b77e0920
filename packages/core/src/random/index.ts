export type { Key } from './key';
