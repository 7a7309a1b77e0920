/** The activations that the matrix product applies by itself, with their codes in `kernels/activations.ts`. */
export const ACTIVATION_CODES = {
  linear: 0,
  relu: 1,
  relu6: 2,
  leakyrelu: 3,
  sigmoid: 4,
  tanh: 5,
  elu: 6,
} as const;

/** An activation that can be fused into a matrix product. */
export type FusedActivation = keyof typeof ACTIVATION_CODES;
