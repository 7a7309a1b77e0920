import { key } from '@dl/core';
import { ones, tensor } from '@dl/core/ops';
import { expectClose, expectNoLeaks, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { featureMaps, ResNet, VGGSmall } from './index';

onBackends(['wasm', 'cpu'], () => {
  test('every layer by its name, and the last of them is what the model gives', () => {
    expectNoLeaks(() => {
      using model = new ResNet({ in: 2, depth: 8, width: 2, classes: 3, key: key(0) });
      using x = tensor(key(1).normal(2 * 8 * 8 * 2), [2, 8, 8, 2]);
      const maps = featureMaps(model, x);
      expect([...maps.keys()].slice(0, 6)).toEqual([
        'conv1',
        'bn1',
        'layer1.0.conv1',
        'layer1.0.bn1',
        'layer1.0.conv2',
        'layer1.0.bn2',
      ]);
      expect(maps.get('layer2.0.downsample.0')!.shape).toEqual([2, 4, 4, 4]);
      expect(maps.get('layer3')!.shape).toEqual([2, 2, 2, 8]);
      using y = model.predict(x);
      expectClose(maps.get('fc')!, y, 0);
      using stem = model.conv1.predict(x);
      expectClose(maps.get('conv1')!, stem, 0);
      for (const map of maps.values()) map.dispose();
    });
  });

  test('layers that hand their input on have maps of their own, and an error leaves nothing behind', () => {
    expectNoLeaks(() => {
      using model = new VGGSmall({ input: [4, 4, 1], blocks: [[2]], hidden: 3, key: key(0) });
      using x = ones([1, 4, 4, 1]);
      const maps = featureMaps(model, x);
      maps.get('classifier.1')!.dispose();
      expect(maps.get('classifier.2')!.dataSync()).toHaveLength(3); // dropout, which does nothing in evaluation
      for (const map of maps.values()) map.dispose();
      using wrong = ones([1, 6, 6, 1]);
      expect(() => featureMaps(model, wrong)).toThrow(/classifier\.0/);
    });
  });
});
