import { ConfigError, key, type Module, type Shape, ShapeError } from '@dl/core';
import { ones, tidy } from '@dl/core/ops';
import { expectNoLeaks, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import {
  AvgPool1d,
  AvgPool2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  DepthwiseConv2d,
  MaxPool1d,
  MaxPool2d,
  SeparableConv2d,
} from './index';

/** A layer by its options, with those that are right, and the shape of an example it takes. */
interface Kind {
  make: (options: object) => Module;
  right: Record<string, unknown>;
  input: Shape;
}

const of = <Config>(layer: new (config: Config) => Module, right: Record<string, unknown>, input: Shape): Kind => ({
  make: (options) => new layer({ ...right, ...options } as Config),
  right,
  input,
});
const weights = { in: 4, out: 6, kernel: 3, key: key(0) };
const convolutions = {
  Conv1d: of(Conv1d, weights, [8, 4]),
  Conv2d: of(Conv2d, weights, [8, 9, 4]),
  ConvTranspose2d: of(ConvTranspose2d, weights, [8, 9, 4]),
  DepthwiseConv2d: of(DepthwiseConv2d, { in: 4, kernel: 3, key: key(0) }, [8, 9, 4]),
  SeparableConv2d: of(SeparableConv2d, weights, [8, 9, 4]),
};
const poolings = {
  MaxPool1d: of(MaxPool1d, { kernel: 3 }, [8, 4]),
  AvgPool1d: of(AvgPool1d, { kernel: 3 }, [8, 4]),
  MaxPool2d: of(MaxPool2d, { kernel: 3 }, [8, 9, 4]),
  AvgPool2d: of(AvgPool2d, { kernel: 3 }, [8, 9, 4]),
};

/** Expects that an input is refused by forward, without a trace, and by outputShape. */
function expectRefused(layer: Module, input: Shape, message: RegExp): void {
  expectNoLeaks(() => {
    using x = ones([2, ...input]);
    const forward = () => tidy(() => layer.forward(x));
    expect(forward).toThrow(ShapeError);
    expect(forward).toThrow(message);
  });
  expect(() => layer.outputShape(input)).toThrow(ShapeError);
}

onBackends(['wasm'], () => {
  test.each(Object.entries({ ...convolutions, ...poolings }))('%s refuses options out of range', (name, { make }) => {
    const wrong: Record<string, unknown>[] = [
      ...[0, -1, 1.5, Number.NaN].flatMap((size) => [{ kernel: size }, { stride: size }, { dilation: size }]),
      { padding: -1 },
      { padding: 0.5 },
    ];
    // Averages have no dilation.
    const known = wrong.filter((options) => !(name.startsWith('AvgPool2d') && 'dilation' in options));
    for (const options of known) {
      const error = expectNoLeaks(() => {
        try {
          make(options).dispose();
        } catch (error) {
          return error;
        }
        return undefined;
      });
      expect(error, JSON.stringify(options)).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).where).toBe(name);
    }
  });

  test.each(Object.entries(convolutions))('%s refuses sizes that are none', (name, { make, right }) => {
    for (const option of ['in', 'out'].filter((option) => option in right)) {
      for (const size of [0, -2, 2.5]) {
        expect(() => make({ [option]: size }), `${option}: ${size}`).toThrow(ConfigError);
      }
    }
    if (['Conv1d', 'Conv2d', 'ConvTranspose2d'].includes(name)) {
      expect(() => make({ groups: 3 })).toThrow(/groups is 3, which does not divide the 4 input and 6 output channels/);
      expect(() => make({ groups: 0 })).toThrow(ConfigError);
    }
  });

  test.each(Object.entries(convolutions))('%s refuses images of other channels', (_, { make, input }) => {
    using layer = make({});
    const other = [...input.slice(0, -1), 5];
    expectRefused(layer, other, /the input has 5 channels, the weight expects 4/);
    const channelsFirst = [4, ...input.slice(0, -1)];
    expectRefused(layer, channelsFirst, /channels go last here/);
    expectRefused(layer, [3], /axes with the batch/);
  });

  test.each(Object.entries({ ...convolutions, ...poolings }).filter(([name]) => name !== 'ConvTranspose2d'))(
    '%s refuses a kernel that is larger than the padded input',
    (_, { make, input }) => {
      using layer = make({ kernel: 6, padding: 1 });
      expectRefused(layer, [...input.slice(0, -2), 3, 4], /spans 6 (columns|steps), the input has 3/);
      layer.outputShape([...input.slice(0, -2), 4, 4]);
    },
  );
});
