export type { FeedForwardActivation } from './feed-forward';
export { sinusoidalPositions } from './sinusoidal';
export { Transformer, type TransformerConfig, type TransformerState } from './transformer';
export {
  type TransformerDecoderInput,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerConfig,
  type TransformerLayerState,
} from './transformer-layers';
