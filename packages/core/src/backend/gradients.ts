// tfjs-core registers no gradients by itself, and its own file for that cannot be imported in plain Node: the build
// inlines it here. Then come ours, where tfjs has none or a wrong one.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { getGradient, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { broadcasting } from './gradients/broadcasting';
import { conditions } from './gradients/conditions';
import { convolutions } from './gradients/convolutions';

for (const gradient of [...broadcasting, ...conditions, ...convolutions]) {
  if (getGradient(gradient.kernelName) !== undefined) unregisterGradient(gradient.kernelName);
  registerGradient(gradient);
}
