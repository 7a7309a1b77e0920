import type { Chapter } from '../chapter';
import { dates } from './seq2seq/dates';
import { transliteration } from './seq2seq/names';
import { pronunciation } from './seq2seq/pronunciation';

/** Encoder-decoders: what one vector cannot hold of a long source, and attention finds. */
export const seq2seq: Chapter = {
  name: 'seq2seq',
  title: 'Sequence to sequence and attention (@dl/seq2seq-attention)',
  sections: [dates, pronunciation, transliteration],
};
