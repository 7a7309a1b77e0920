import { readFileSync } from 'node:fs';
import { ConfigError, key, Module, memory, type Shape, trainStep } from '@dl/core';
import { encodeSafetensors } from '@dl/core/io';
import { crossEntropy } from '@dl/core/losses';
import { batchNorm, dropout, Flatten, flatten, Linear, linear, relu, sequential } from '@dl/core/nn';
import { ones, relu as reluOf, reshape, type Tensor, tidy, transpose } from '@dl/core/ops';
import { adam, sgd } from '@dl/core/optim';
import {
  channelsLast,
  expectClose,
  expectGolden,
  type OracleCase,
  type OracleTensor,
  onBackends,
  readOracle,
  tensorOf,
} from '@dl/testing';
import { describe, expect, test } from 'vitest';
import { Conv1d, Conv2d, ConvTranspose2d, conv2d, DepthwiseConv2d, type Padding, type Padding1d } from '../index';
import { maxPool2dSpec } from '../layers/pooling';
import { LeNet, ResNet, VGGSmall } from '../models';
import { loadTorch, torchStateDict } from './load-torch';

const folder = new URL('../../../../fixtures/torch-models/', import.meta.url).pathname;
const fixture = (name: string) => ({
  file: `${folder}${name}.safetensors`,
  golden: JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Record<'x' | 'logits', OracleTensor>,
});

const disposeAll = (tensors: ReadonlyMap<string, Tensor>) => {
  for (const tensor of tensors.values()) tensor.dispose();
};

onBackends(['wasm', 'cpu'], () => {
  describe('models of PyTorch give its logits', () => {
    test.each<[string, () => Module]>([
      ['lenet', () => new LeNet({ input: [12, 8, 1], channels: [4, 6], hidden: 16, key: key(0) })],
      ['vgg', () => new VGGSmall({ input: [8, 12, 3], blocks: [[4, 4], [6]], hidden: 8, classes: 5, key: key(0) })],
      ['resnet', () => new ResNet({ in: 3, depth: 8, width: 4, key: key(0) })],
    ])('%s', async (name, make) => {
      const { file, golden } = fixture(name);
      using model = make();
      expect(await loadTorch(model, file)).toEqual({ missing: [], unexpected: [] });
      using x = tensorOf(channelsLast(golden.x));
      using logits = model.predict(x);
      expectGolden(logits, golden.logits, undefined, 'logits');

      // And back: what PyTorch would load is what it saved.
      const state = torchStateDict(model);
      using other = make();
      await loadTorch(other, encodeSafetensors(state));
      disposeAll(state);
      using same = other.predict(x);
      expectClose(same, logits, 0);
    });
  });
});

interface Params {
  padding: string | [number, number];
  pads: [number, number] | [number, number, number, number];
  stride: number | [number, number];
  dilation: number | [number, number];
  groups: number;
  output_padding?: [number, number];
}

/** The layer of a golden case of convolution. */
function layerOf({ op, params, inputs }: OracleCase<Params>): Module {
  const [x, w] = [inputs.x!.shape, inputs.w!.shape];
  const { groups } = params;
  const padding = params.padding === 'explicit' ? params.pads : params.padding;
  const shared = { in: x[1]!, groups, bias: inputs.b !== undefined, key: key(0) };
  if (op === 'conv1d') {
    const { stride, dilation } = params as { stride: number; dilation: number };
    const sizes = { out: w[0]!, kernel: w[2]!, padding: padding as Padding1d };
    return new Conv1d({ ...shared, ...sizes, stride, dilation });
  }
  const { stride, dilation } = params;
  const kernel = [w[2]!, w[3]!] as const;
  if (op === 'conv_transpose2d') {
    const { output_padding: outputPadding = 0 } = params;
    const pair = padding as [number, number];
    return new ConvTranspose2d({
      ...shared,
      out: w[1]! * groups,
      kernel,
      stride,
      dilation,
      padding: pair,
      outputPadding,
    });
  }
  const options = { kernel, stride, dilation, padding: padding as Padding };
  if (groups > 1 && groups === x[1]) {
    return new DepthwiseConv2d({ ...options, in: groups, multiplier: w[0]! / groups, bias: shared.bias, key: key(0) });
  }
  return new Conv2d({ ...shared, ...options, out: w[0]! });
}

onBackends(['wasm'], () => {
  describe.each(['conv1d', 'conv2d', 'conv_transpose2d'])('layers with the weights of %s', (group) => {
    for (const golden of readOracle('torch', group).cases as unknown as OracleCase<Params>[]) {
      test(golden.name, async () => {
        using layer = layerOf(golden);
        const given = new Map([['weight', tensorOf(golden.inputs.w!)]]);
        if (golden.inputs.b) given.set('bias', tensorOf(golden.inputs.b));
        await loadTorch(layer, given);
        using x = tensorOf(channelsLast(golden.inputs.x!));
        using y = layer.predict(x);
        const reference = channelsLast(golden.outputs.y!);
        expectGolden(y, reference, golden.f32_noise?.y, 'y');
        const back = torchStateDict(layer);
        for (const [name, value] of given) expectClose(back.get(name)!, value, 0, name);
        disposeAll(back);
        disposeAll(given);
      });
    }
  });

  describe('a network with the weights of PyTorch trains as it does there', () => {
    interface Training {
      optimizer: 'Adam' | 'SGD';
      steps: number;
      lr: number;
      momentum?: number;
    }
    const names: Record<string, string> = { w1: '0.weight', w2: '2.weight', w3: '4.weight', w4: '5.weight' };
    for (const [weight, name] of Object.entries(names))
      names[weight.replace('w', 'b')] = name.replace('weight', 'bias');
    const cases = readOracle('torch', 'training').cases.filter(({ op }) => op === 'lenet');
    for (const golden of cases as unknown as OracleCase<Training>[]) {
      test(golden.name, async () => {
        const { w1, w2, w3, w4 } = golden.weights!;
        const { optimizer: method, steps, ...options } = golden.params;
        using x = tensorOf(channelsLast(golden.data!.x!));
        using y = tensorOf(golden.data!.target!);
        using model = sequential({ input: x.shape.slice(1), key: key(0) }, [
          conv2d({ out: w1!.shape[0]!, kernel: 3, activation: 'relu' }),
          maxPool2dSpec({ kernel: 2 }),
          conv2d({ out: w2!.shape[0]!, kernel: 2, activation: 'tanh' }),
          flatten(),
          linear({ out: w3!.shape[0]!, activation: 'relu' }),
          linear({ out: w4!.shape[0]! }),
        ]);
        const weights = new Map(Object.entries(golden.weights!).map(([name, value]) => [name, tensorOf(value)]));
        await loadTorch(model, weights, { rename: (name) => names[name]! });
        disposeAll(weights);
        using optimizer = method === 'Adam' ? adam(options) : sgd(options);
        const step = trainStep(model, crossEntropy, optimizer);
        const losses = Array.from({ length: steps }, () => step({ x, y }).loss);
        const state = torchStateDict(model);
        for (const [output, reference] of Object.entries(golden.outputs)) {
          const actual =
            output === 'loss_before_step'
              ? { shape: [steps], data: losses }
              : state.get(names[output.replace('final:', '')]!)!;
          expectGolden(actual, reference, golden.f32_noise?.[output], output);
        }
        disposeAll(state);
      });
    }
  });

  /** Between its two layers is an activation that is none. */
  class Hidden extends Module {
    readonly flatten = new Flatten();
    readonly fc: Linear;

    constructor(features: number) {
      super();
      this.fc = new Linear({ in: features, out: 2, key: key(3) });
    }

    forward(x: Tensor): Tensor {
      return this.fc.forward(reluOf(this.flatten.forward(x)));
    }

    outputShape(): Shape {
      return [2];
    }
  }

  test('every layer up to the Linear that reads a flattened image has its features in order', () => {
    const input = [2, 3, 4];
    using model = sequential({ input, key: key(0) }, [
      flatten(),
      batchNorm(),
      relu(),
      dropout({ rate: 0.5 }),
      linear({ out: 24 }),
      batchNorm(),
    ]);
    for (const [name, param] of model.parameters()) param.assign(key(1).child(name).normal(param.size));
    const torch = torchStateDict(model);
    const order = (values: Tensor) => tidy(() => transpose(reshape(values, [2, 3, 4]), [2, 0, 1]).dataSync());
    expect(torch.get('1.weight')!.dataSync()).toEqual(order(model.stateDict().get('1.weight')!));
    const row = (state: ReadonlyMap<string, Tensor>) => state.get('4.weight')!.dataSync().slice(0, 24);
    const first = Array.from(row(model.stateDict()));
    const expected = Array.from({ length: 24 }, (_, i) => first[(Math.floor(i / 3 / 2) % 4) + 4 * (i % 6)]!);
    expect(Array.from(row(torch))).toEqual(expected);
    // Behind the Linear nothing is an image.
    expect(torch.get('5.weight')!.dataSync()).toEqual(model.stateDict().get('5.weight')!.dataSync());
    expect(torch.get('4.bias')!.dataSync()).toEqual(model.stateDict().get('4.bias')!.dataSync());
    disposeAll(torch);
  });

  test('where it cannot be seen what reads the image, it has to be said', async () => {
    using model = new Hidden(24);
    const state = new Map([
      ['fc.weight', ones([2, 24])],
      ['fc.bias', ones([2])],
    ]);
    await expect(loadTorch(model, state)).rejects.toThrow(/say the shape of an input: { input/);
    await expect(loadTorch(model, state, { input: [2, 3, 4] })).rejects.toThrow(
      /which layer reads the \[2, 3, 4\] that flatten flattens[\s\S]*flattened: { fc1: \[2, 3, 4\] }/,
    );
    await loadTorch(model, state, { flattened: { fc: [2, 3, 4] } });
    await loadTorch(model, state, { flattened: {} });
    await expect(loadTorch(model, state, { flattened: { fc: [2, 3, 5] } })).rejects.toThrow(/has 30/);
    await expect(loadTorch(model, state, { flattened: { other: [2, 3, 4] } })).rejects.toThrow(/no layer 'other'/);
    disposeAll(state);
  });

  test('a model that ends with the flattened image has nothing to turn', async () => {
    using model = sequential({ input: [3, 3, 2], key: key(0) }, [conv2d({ out: 2, kernel: 2 }), flatten()]);
    const state = torchStateDict(model);
    await loadTorch(model, state);
    disposeAll(state);
  });

  test('what does not fit is listed, and nothing is changed or left behind', async () => {
    using layer = new Conv2d({ in: 2, out: 3, kernel: 2, key: key(0) });
    const before = layer.weight.value.dataSync().slice();
    const held = memory().numTensors;
    const state = (shape: number[], more: [string, Tensor][] = []) =>
      new Map([['weight', ones(shape)], ['bias', ones([3])], ...more]);
    for (const [given, message, options] of [
      [state([2, 2, 2, 3]), /weight: \[2,2,2,3\] for PyTorch's \[3,2,2,2\]/, {}],
      [state([3, 2, 2]), /weight: \[3,2,2\] for PyTorch's/, {}],
      [state([3, 2, 2, 2], [['extra', ones([1])]]), /unexpected:\s+extra/, {}],
      [state([3, 2, 2, 2]), /two tensors are called 'weight'/, { rename: () => 'weight' }],
    ] as const) {
      const error = await loadTorch(layer, given, options).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toMatch(message);
      disposeAll(given);
    }
    expect(layer.weight.value.dataSync()).toEqual(before);
    const partly = new Map([['bias', ones([3])]]);
    expect(await loadTorch(layer, partly, { strict: false })).toEqual({ missing: ['weight'], unexpected: [] });
    disposeAll(partly);
    disposeAll(torchStateDict(layer));
    expect(memory().numTensors).toBe(held);
  });
});
