export type { TextPair } from './pair-encoder';
export {
  type TranslateOptions,
  type Translation,
  Translator,
  type TranslatorFitOptions,
  type TranslatorModel,
  type TranslatorOptions,
} from './translator';
