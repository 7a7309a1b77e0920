export type { FlattenedImages } from './flattened';
export { type LoadTorchOptions, loadTorch, type TorchOptions, torchStateDict } from './load-torch';
