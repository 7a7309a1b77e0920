export { AdditiveAttention, type AdditiveAttentionConfig } from './additive-attention';
export {
  type AttendOptions,
  Attention,
  type AttentionInput,
  type AttentionMemory,
  type AttentionOutput,
} from './attention';
export { type LocalWindow, LuongAttention, type LuongAttentionConfig, type LuongScore } from './luong-attention';
export {
  type MultiHeadAttendOptions,
  MultiHeadAttention,
  type MultiHeadAttentionConfig,
  type MultiHeadInput,
  type MultiHeadMemory,
  type MultiHeadOutput,
} from './multi-head-attention';
export { type RotaryOptions, rotary } from './rotary';
export {
  type ScaledDotProductInput,
  type ScaledDotProductOptions,
  type ScaledDotProductOutput,
  scaledDotProductAttention,
} from './scaled-dot-product-attention';
