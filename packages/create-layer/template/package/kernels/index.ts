// What the module of this package exports.
export { newLayer, newLayerGradient } from './new-layer';
