// What the module of @dl/anomaly exports. One file a family.
export { nearest, nearestScratch, packTraining, packedTraining } from './nearest';
export { pathLengths } from './forest';
