import type { Row } from '../row';
import { anomalyRows } from './anomaly';
import { autoencoderRows } from './autoencoder';
import { convolutionRows } from './convolution';
import { denseRows } from './dense';
import { elementwiseRows } from './elementwise';
import { lenetRows } from './lenet';
import { matmulRows } from './matmul';
import { movementRows } from './movement';
import { optimizerRows } from './optimizers';
import { recurrentRows } from './recurrent';
import { reductionRows } from './reductions';
import { seq2seqRows } from './seq2seq';

/** Every row, in the order of the table; a package adds its own by a file here. */
export const rows: readonly Row[] = [
  ...matmulRows,
  ...denseRows,
  ...reductionRows,
  ...movementRows,
  ...elementwiseRows,
  ...optimizerRows,
  ...autoencoderRows,
  ...convolutionRows,
  ...lenetRows,
  ...recurrentRows,
  ...anomalyRows,
  ...seq2seqRows,
];
