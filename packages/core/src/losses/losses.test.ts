import '@tensorflow/tfjs-backend-cpu';
import { expectGolden, type OracleTensor, readOracle } from '@dl/testing';
import { grads, memory, type Tensor, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { logSoftmax, withComposedOps } from '../ops';
import {
  bce,
  bceWithLogits,
  crossEntropy,
  ctc,
  gaussianKl,
  huber,
  klDiv,
  mae,
  mse,
  nll,
  type Reduction,
  smoothL1,
} from './index';

type Inputs = Record<string, Tensor>;

interface Params {
  reduction?: Reduction;
  label_smoothing?: number;
  ignore_index?: number | null;
  delta?: number;
  beta?: number;
  log_target?: boolean;
  blank?: number;
  input_lengths?: number[];
  target_lengths?: number[];
}

/** PyTorch's names: the loss of the inputs of a case, by name. */
const losses: Record<string, (inputs: Inputs, params: Params) => Tensor> = {
  bce: ({ prob, target }, { reduction }) => bce(prob!, target!, { reduction }),
  bce_with_logits: ({ logits, target, pos_weight }, { reduction }) =>
    bceWithLogits(logits!, target!, { reduction, posWeight: pos_weight }),
  cross_entropy: entropy,
  cross_entropy_sequence: entropy,
  cross_entropy_soft: entropy,
  ctc_loss: ({ logits, targets }, { reduction, blank, input_lengths, target_lengths }) =>
    ctc(logSoftmax(transpose(logits!, [1, 0, 2])), targets!, {
      reduction,
      blank,
      inputLengths: input_lengths,
      targetLengths: target_lengths,
    }),
  huber: ({ pred, target }, { reduction, delta }) => huber(pred!, target!, { reduction, delta }),
  kl_div: ({ logp, target }, { reduction, log_target }) => klDiv(logp!, target!, { reduction, logTarget: log_target }),
  l1: ({ pred, target }, { reduction }) => mae(pred!, target!, { reduction }),
  mse: ({ pred, target }, { reduction }) => mse(pred!, target!, { reduction }),
  nll_loss: ({ logp, target, weight }, { reduction, ignore_index }) =>
    nll(logp!, target!, { reduction, ignoreIndex: ignore_index ?? undefined, classWeights: weight }),
  smooth_l1: ({ pred, target }, { reduction, beta }) => smoothL1(pred!, target!, { reduction, beta }),
  vae_kl: ({ mu, logvar }, { reduction }) => gaussianKl(mu!, logvar!, { reduction }),
};

function entropy({ logits, target, weight }: Inputs, { reduction, label_smoothing, ignore_index }: Params): Tensor {
  return crossEntropy(logits!, target!, {
    reduction,
    labelSmoothing: label_smoothing,
    ignoreIndex: ignore_index ?? undefined,
    classWeights: weight,
  });
}

const load = ({ data, shape, dtype }: OracleTensor) => tensor(data, shape, dtype === 'f' ? 'float32' : 'int32');

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  for (const { name, op, params, inputs, outputs, grad_outputs, grads: golden, f32_noise } of readOracle(
    'torch',
    'losses',
  ).cases) {
    test.each(['kernels', 'composed'])(`${name}, %s`, (form) => {
      const loss = losses[op];
      if (loss === undefined) throw new Error(`no loss for the op ${op}`);
      const before = memory().numTensors;
      const run = () => {
        const given = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, load(value)]));
        expectGolden(loss(given, params), outputs.loss!, f32_noise?.loss, 'loss');
        const names = Object.keys(golden ?? {});
        const f = (...values: Tensor[]) =>
          loss({ ...given, ...Object.fromEntries(names.map((key, i) => [key, values[i]!])) }, params);
        const found = grads(f)(
          names.map((key) => given[key]!),
          load(grad_outputs!.loss!),
        );
        for (const [i, key] of names.entries()) {
          expectGolden(found[i]!, golden![key]!, f32_noise?.[`grad:${key}`], `gradient of ${key}`);
        }
      };
      tidy(() => (form === 'kernels' ? run() : withComposedOps(run)));
      expect(memory().numTensors).toBe(before);
    });
  }
});
