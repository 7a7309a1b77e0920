// What the module of @dl/seq2seq-attention exports: attention. Products and softmax are those of @dl/core's kernels.
export { constantsSize, useConstants } from '@dl/core/kernels/constants';
export { softmaxGradient } from '@dl/core/kernels/softmax';
export { additiveScores, additiveScoresGradient } from './additive';
export { attendingLstm, attendingLstmGradient, attendingLstmScratch, swapRows } from './attending-lstm';
export { maskedSoftmax } from './masked-softmax';
export { attend, attendGradient, attendScratch } from './scaled-dot-product';
