// tfjs-core registers no gradients by itself, and its own file for that cannot be imported in plain Node: the build
// inlines it here.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
