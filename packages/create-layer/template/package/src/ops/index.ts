export { newLayer } from './new-layer';
