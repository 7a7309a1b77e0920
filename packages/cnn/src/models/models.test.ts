import { ConfigError, key, type Module, memory, trainStep } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { sequential, sequentialFromJSON, summary } from '@dl/core/nn';
import { tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { expectNoLeaks, layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { BasicBlock, LeNet, lenet, ResNet, resnet, VGGSmall, vggSmall } from './index';

layerContract('LeNet', {
  make: (key) => new LeNet({ input: [4, 4, 1], channels: [2, 2], hidden: 3, classes: 2, key }),
  input: [2, 4, 4, 1],
  wrong: [],
});
layerContract('BasicBlock with a projection', {
  make: (key) => new BasicBlock({ in: 2, out: 3, stride: 2, key }),
  input: [3, 4, 5, 2],
  wrong: [],
});

/** A batch of images of two kinds: bright above, bright below. */
function halves(size: number, channels: number) {
  const [count, pixels] = [16, size * size * channels];
  const noise = key(7).normal(count * pixels, { std: 0.3 });
  const values = noise.map((value, i) => {
    const above = i % pixels < pixels / 2;
    return value + (above === (Math.floor(i / pixels) % 2 === 0) ? 1 : 0);
  });
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  return { x: tensor(values, [count, size, size, channels]), y: tensor(labels, [count], 'int32') };
}

onBackends(['wasm'], () => {
  test.each<[string, () => Module, number[], number]>([
    ['LeNet', () => new LeNet({ input: [28, 28, 1], key: key(0) }), [28, 28, 1], 454_922],
    // He et al. give 0.27 and 0.46 million for 20 and 32 layers, without projections.
    ['ResNet-20', () => new ResNet({ in: 3, key: key(0) }), [32, 32, 3], 272_474],
    ['ResNet-32', () => new ResNet({ in: 3, depth: 32, key: key(0) }), [32, 32, 3], 466_906],
    ['VGGSmall', () => new VGGSmall({ input: [32, 32, 3], key: key(0) }), [32, 32, 3], 551_466],
    [
      'VGGSmall without norm',
      () => new VGGSmall({ input: [32, 32, 3], batchNorm: false, key: key(0) }),
      [32, 32, 3],
      550_570,
    ],
  ])('%s has its parameters, and gives logits', (_, make, input, parameters) => {
    expectNoLeaks(() => {
      using model = make();
      expect(summary(model, { input }).parameters).toBe(parameters);
      expect(model.outputShape(input)).toEqual([10]);
    });
  });

  test('a deeper ResNet has six layers more for each block a stage', () => {
    using model = new ResNet({ in: 1, depth: 14, width: 2, key: key(0) });
    const names = [...model.parameters().keys()];
    expect(names.filter((name) => /conv\d\.weight$|^fc\.weight$/.test(name))).toHaveLength(14);
    expect(names).toContain('layer2.0.downsample.0.weight');
    expect(names).toContain('layer3.1.bn2.bias');
    expect(() => new ResNet({ in: 1, depth: 10, key: key(0) })).toThrow(/the depth is 10, it must be 6n \+ 2/);
    expect(() => new ResNet({ in: 1, depth: 2, key: key(0) })).toThrow(ConfigError);
    expect(() => new VGGSmall({ input: [8, 8, 1], blocks: [[4], []], key: key(0) })).toThrow(
      /each needs a convolution/,
    );
  });

  test('sizes out of range are refused before a tensor is made', () => {
    const before = memory().numTensors;
    const lenet = { input: [8, 8, 1], key: key(0) };
    expect(() => new LeNet({ ...lenet, input: [3, 8, 1] })).toThrow(/images of at least 4 x 4 pixels are needed/);
    expect(() => new LeNet({ ...lenet, input: [8, 8] })).toThrow(/\[height, width, channels\]/);
    expect(() => new LeNet({ ...lenet, channels: [4, 0] })).toThrow(/channels\[1\] must be a positive integer/);
    expect(() => new LeNet({ ...lenet, classes: 1.5 })).toThrow(ConfigError);
    expect(() => new VGGSmall({ ...lenet, input: [7, 7, 1] })).toThrow(/at least 8 x 8/);
    expect(() => new VGGSmall({ ...lenet, dropout: 1 })).toThrow(ConfigError);
    expect(() => new VGGSmall({ ...lenet, hidden: 0 })).toThrow(ConfigError);
    expect(() => new ResNet({ in: 1, classes: 0, key: key(0) })).toThrow(ConfigError);
    expect(() => new ResNet({ in: 1, width: -4, key: key(0) })).toThrow(ConfigError);
    expect(() => new BasicBlock({ in: 1, out: 2, stride: 0, key: key(0) })).toThrow(ConfigError);
    expect(memory().numTensors).toBe(before);
  });

  test('as specs they are data', () => {
    for (const spec of [
      lenet({ channels: [2, 2] }),
      vggSmall({ blocks: [[2]], classes: 3 }),
      resnet({ depth: 8, width: 2 }),
    ]) {
      using model = sequential({ input: [8, 8, 1], key: key(5) }, [spec]);
      using again = sequentialFromJSON(JSON.stringify(model.toJSON()), key(5));
      expect([...again.stateDict().keys()]).toEqual([...model.stateDict().keys()]);
      for (const [name, value] of model.stateDict()) {
        expect(again.stateDict().get(name)!.dataSync()).toEqual(value.dataSync());
      }
    }
  });

  test.each<[string, () => Module]>([
    ['LeNet', () => new LeNet({ input: [8, 8, 1], channels: [4, 4], hidden: 8, classes: 2, key: key(0) })],
    ['VGGSmall', () => new VGGSmall({ input: [8, 8, 1], blocks: [[4], [4]], hidden: 8, classes: 2, key: key(0) })],
    ['ResNet', () => new ResNet({ in: 1, depth: 8, width: 4, classes: 2, key: key(0) })],
  ])('%s learns, and leaves nothing behind', (_, make) => {
    const before = memory().numTensors; // counted alone: tracking every tensor would take long
    {
      using model = make();
      using optimizer = adam({ lr: 0.01 });
      const { x, y } = halves(8, 1);
      const step = trainStep(model, crossEntropy, optimizer);
      const losses = Array.from({ length: 20 }, (_, i) => step({ x, y }, { key: key(1).fold(i) }).loss);
      expect(Math.max(...losses.slice(-5))).toBeLessThan(0.5 * losses[0]!);
      x.dispose();
      y.dispose();
    }
    expect(memory().numTensors).toBe(before);
  });
});
