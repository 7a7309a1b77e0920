// What the module of @dl/anomaly exports. One file a family.
export { constantsSize, useConstants } from './constants';
export { pathLengths } from './forest';
export {
  packRows,
  panelBytes,
  products,
  scatter,
  scatterScratch,
  squaredLengths,
  squaredLengthsScratch,
} from './matrix64';
export { nearest, nearestScratch, packTraining, packedTraining } from './nearest';
export { ranks } from './rank';
export { dotRow, rbfRow, rbfSums, squaredNorms } from './svm';
