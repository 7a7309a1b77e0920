export { type BleuOptions, type BleuTokenizer, bleu } from './bleu';
export { type ChrfOptions, chrf } from './chrf';
export { editDistance, errorRate } from './edit-distance';
export { exactMatch } from './exact-match';
export type { References } from './references';
export { tokenAccuracy } from './token-accuracy';
