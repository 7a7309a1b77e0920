export { NewLayer, type NewLayerConfig, newLayer } from './new-layer';
