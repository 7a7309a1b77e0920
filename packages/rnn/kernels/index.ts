// What the module of @dl/rnn exports: the recurrences. The products around them are those of @dl/core's kernels.
export { constantsSize, useConstants } from '@dl/core/kernels/constants';
export { gemm, gemmScratch } from '@dl/core/kernels/gemm';
export { gruBackward, gruForward, gruScratch, gruStep } from './gru';
export { lstmBackward, lstmForward, lstmScratch, lstmStep } from './lstm';
export { rnnBackward, rnnForward, rnnScratch, rnnStep } from './rnn';
export { lastRows, packRows, previousRows, unpackRows } from './sequence';
export { reduceSum } from '@dl/core/kernels/reduce';
