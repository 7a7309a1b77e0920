import type { Chapter } from '../chapter';
import { cnn } from './cnn';
import { core } from './core';

/** The chapters, in the order of the tour. */
export const chapters: readonly Chapter[] = [core, cnn];
