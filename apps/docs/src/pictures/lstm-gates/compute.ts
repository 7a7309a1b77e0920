import { tensor, tidy } from '@dl/core/ops';
import { type LSTM, lstmCell } from '@dl/rnn';

/** The parts of an LSTM that can be looked at, in the order in which a step computes them. */
export const PARTS = ['i', 'f', 'g', 'o', 'c', 'h'] as const;
export type Part = (typeof PARTS)[number];

/** One number of the sequence, and whether it is to be added. */
export interface Step {
  readonly value: number;
  readonly marked: boolean;
}

/** `[time][unit]` of each part. */
export type Gates = Readonly<Record<Part, readonly Float32Array[]>>;

/** What happens inside a layer while it reads a sequence: the equations of its cell, step by step. */
export function gatesOf(layer: LSTM, steps: readonly Step[]): Gates {
  const gates: Record<Part, Float32Array[]> = { i: [], f: [], g: [], o: [], c: [], h: [] };
  const weight = (name: string) => layer.parameters().get(`${name}_l0`)!.value;
  tidy(() => {
    const weights = {
      weightIh: weight('weight_ih'),
      weightHh: weight('weight_hh'),
      biasIh: weight('bias_ih'),
      biasHh: weight('bias_hh'),
    };
    let [h, c] = [
      tensor(new Float32Array(layer.hidden), [1, layer.hidden]),
      tensor(new Float32Array(layer.hidden), [1, layer.hidden]),
    ];
    for (const { value, marked } of steps) {
      const { state, values } = lstmCell.step(tensor([[value, marked ? 1 : 0]]), [h, c], weights);
      [h, c] = state as [typeof h, typeof c];
      for (const [part, of] of Object.entries({ i: values.i, f: values.f, g: values.g, o: values.o, c, h })) {
        gates[part as Part].push(Float32Array.from(of.dataSync()));
      }
    }
  });
  return gates;
}

/** The sum of the marked numbers up to each step. */
export function runningSums(steps: readonly Step[]): number[] {
  let sum = 0;
  return steps.map(({ value, marked }) => {
    if (marked) sum += value;
    return sum;
  });
}

/** The unit whose cell goes most with the running sum, be it up or down. */
export function accumulator({ c }: Gates, sums: readonly number[]): number {
  const units = c[0]?.length ?? 0;
  const strength = Array.from({ length: units }, (_, u) =>
    Math.abs(
      correlation(
        c.map((row) => row[u]!),
        sums,
      ),
    ),
  );
  return strength.indexOf(Math.max(...strength));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
