export { type BytePairBase, BytePairEncoder, type BytePairJSON, type BytePairOptions } from './byte-pair-encoder';
export { characterTokenizer } from './character-tokenizer';
export { jamoTokenizer } from './jamo-tokenizer';
export { TextCodec, type TextCodecJSON } from './text-codec';
export { type Tokenizer, type TokenizerJSON, tokenizerFromJSON } from './tokenizer';
export { Vocabulary, type VocabularyJSON, type VocabularyOptions } from './vocabulary';
export { wordTokenizer } from './word-tokenizer';
