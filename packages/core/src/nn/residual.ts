import { add, type Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { inputAxes } from './checks';
import { type Context, EVAL } from './context';
import { Module, type Shape } from './module';
import { placed } from './placed';
import { sequential } from './sequential';
import { defineSpec, type LayerSpec } from './spec';

/** Options of `Residual`. */
export interface ResidualConfig {
  /** `f`. */
  body: Module;
  /** Brings the input to the shape of the body's output: a projection. @default the input itself */
  shortcut?: Module;
}

/** `y = x + f(x)`, or `shortcut(x) + f(x)`: He et al. 2016. Input and output `[batch, ...]` as the body has them. */
export class Residual extends Module {
  readonly body: Module;
  readonly shortcut: Module | undefined;

  constructor({ body, shortcut }: ResidualConfig) {
    super();
    this.body = body;
    this.shortcut = shortcut;
    this.modules(); // tells the parts where they are
  }

  /** @throws ShapeError where the two branches differ in shape */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    const inner = this.body.forward(x, ctx);
    const straight = this.shortcut ? this.shortcut.forward(x, ctx) : x;
    this.#check(straight.shape, inner.shape, inputAxes(x.rank));
    return add(straight, inner);
  }

  outputShape(input: Shape): Shape {
    const inner = this.body.outputShape(input);
    const straight = this.shortcut ? this.shortcut.outputShape(input) : input;
    this.#check(straight, inner, inputAxes(input.length + 1).slice(1));
    return inner;
  }

  #check(straight: Shape, inner: Shape, axes: readonly string[]): void {
    if (straight.length === inner.length && straight.every((size, i) => size === inner[i])) return;
    throw new ShapeError(
      this.where,
      'the two branches that are added differ in shape',
      [
        { label: this.shortcut ? 'shortcut' : 'input', shape: straight, axes },
        { label: 'body', shape: inner, axes },
      ],
      this.shortcut ? undefined : 'let the body keep the shape, or give a shortcut that changes the input alike',
    );
  }
}

/** Spec of a `Residual`: stacks of specs for the body and, where it changes the shape, for the shortcut. */
export const residual = defineSpec(
  'residual',
  (config: { body: readonly LayerSpec[]; shortcut?: readonly LayerSpec[] }, input, key) => {
    const build = (name: 'body' | 'shortcut') => {
      try {
        return sequential({ input, key: key.child(name) }, config[name] ?? []);
      } catch (error) {
        throw placed(error, name);
      }
    };
    const body = build('body');
    try {
      return new Residual(config.shortcut ? { body, shortcut: build('shortcut') } : { body });
    } catch (error) {
      body.dispose();
      throw error;
    }
  },
);
