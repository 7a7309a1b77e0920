import type { Chapter } from '../chapter';
import { bestRecipe } from './cnn/best-recipe';
import { lenetMnist } from './cnn/lenet-mnist';
import { shiftedDigits } from './cnn/shifted-digits';

/** Convolution and pooling: why a network for images shares its weights over the places, and how far that goes on MNIST. */
export const cnn: Chapter = {
  name: 'cnn',
  title: 'Convolutional networks (@dl/cnn)',
  sections: [shiftedDigits, lenetMnist, bestRecipe],
};
