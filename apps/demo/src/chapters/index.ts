import type { Chapter } from '../chapter';
import { anomaly } from './anomaly';
import { cnn } from './cnn';
import { core } from './core';
import { rnn } from './rnn';
import { seq2seq } from './seq2seq';

/** The chapters, in the order of the tour. */
export const chapters: readonly Chapter[] = [core, cnn, rnn, seq2seq, anomaly];
