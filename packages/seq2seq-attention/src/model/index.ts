export { Bridge, type BridgeConfig } from './bridge';
export { type AttentionChoice, Decoder, type DecoderConfig, type DecoderInput, type DecoderState } from './decoder';
export { Encoder, type EncoderConfig, type EncoderOutput } from './encoder';
export { EncoderDecoder, type EncoderDecoderParts, type Seq2SeqConfig, seq2seq } from './encoder-decoder';
export type { CellKind } from './recurrent-layer';
export {
  type Seq2SeqInput,
  Seq2SeqModel,
  type Seq2SeqOutput,
  type SourceBatch,
  type StepOutput,
} from './seq2seq-model';
