export { readSafetensorsFile, saveSafetensors } from './files';
export { loadModel, saveModel } from './model-files';
export {
  decodeSafetensors,
  type EncodeOptions,
  encodeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  type TensorSource,
} from './safetensors';
export type { StoredDtype, StoredValues } from './stored-dtypes';
