export { type CollateOptions, collatePairs, type TokenPair } from './collate-pairs';
export { type Seq2SeqBatch, type Seq2SeqLossOptions, seq2seqLoss } from './seq2seq-loss';
export { constantForcing, inverseSigmoidForcing, linearForcing, type TeacherForcing } from './teacher-forcing';
