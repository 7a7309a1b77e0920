import type { Chapter } from '../chapter';
import { denseMnist } from './core/dense-mnist';
import { descent } from './core/descent';
import { affineGradients, sigmoidGradient } from './core/gradients';

/** Back-propagation and gradient descent, from the derivative of a sigmoid to a network that reads digits. */
export const core: Chapter = {
  name: 'core',
  title: 'Back-propagation and gradient descent (@dl/core)',
  sections: [sigmoidGradient, affineGradients, descent, denseMnist],
};
