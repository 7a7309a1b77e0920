import { memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../backend/init';
import type { Metric } from '../metric-set';
import {
  accuracy,
  averagePrecision,
  averagePrecisionScore,
  ConfusionMatrix,
  confusionMatrix,
  f1,
  fBeta,
  meanAbsoluteError,
  meanSquaredError,
  measure,
  perplexity,
  precision,
  r2,
  recall,
  rocAuc,
  rocAucScore,
  rootMeanSquaredError,
  topK,
} from './index';

beforeAll(async () => {
  await init();
});
let before = 0;
beforeEach(() => {
  before = memory().numTensors;
});
afterEach(() => {
  expect(memory().numTensors).toBe(before);
});

type Numbers = number[] | number[][] | number[][][];
type Dtype = 'float32' | 'int32';

/** The metric of one batch; of the same batch in two parts it must be the same. */
function of(
  metric: Metric,
  prediction: Numbers,
  target: Numbers,
  types: [Dtype, Dtype] = ['float32', 'int32'],
): number {
  const made: Tensor[] = [];
  const make = (from: number, to?: number) => {
    const pair = [prediction, target].map((values, i) => tensor(values.slice(from, to), undefined, types[i]));
    made.push(...pair);
    return pair as [Tensor, Tensor];
  };
  try {
    const whole = measure(metric, ...make(0));
    const cut = Math.ceil(target.length / 3);
    if (cut === target.length) return whole;
    metric.update(...make(0, cut));
    metric.update(...make(cut));
    expect(metric.result()).toBeCloseTo(whole, 12);
    metric.reset();
    expect(metric.result()).toBeNaN();
    return whole;
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

const LABELS: [Dtype, Dtype] = ['int32', 'int32'];

describe('accuracy', () => {
  test('of class numbers, logits, one-hot targets and sequences', () => {
    expect(of(accuracy(), [0, 2, 1, 3], [0, 1, 2, 3], LABELS)).toBe(0.5);
    const logits = [
      [1, 2, 0],
      [5, 4, 3],
      [0, 0, 1],
      [1, 1, 0],
    ];
    expect(of(accuracy(), logits, [1, 0, 0, 0])).toBe(0.75);
    expect(
      of(
        accuracy(),
        logits,
        [
          [0, 1, 0],
          [1, 0, 0],
          [1, 0, 0],
          [1, 0, 0],
        ],
        ['float32', 'float32'],
      ),
    ).toBe(0.75);
    const sequences = [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 0],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    ];
    expect(
      of(accuracy(), sequences, [
        [0, 1],
        [1, 0],
        [9, 9],
      ]),
    ).toBeCloseTo(3 / 6);
    expect(
      of(accuracy({ ignoreIndex: 9 }), sequences, [
        [0, 1],
        [1, 0],
        [1, 9],
      ]),
    ).toBeCloseTo(4 / 5);
  });

  test('of one number an example, above a threshold', () => {
    expect(of(accuracy(), [-1, 2, 0.3], [0, 1, 0])).toBeCloseTo(2 / 3);
    expect(of(accuracy({ threshold: 0.5 }), [[0.1], [0.9], [0.3]], [0, 1, 0])).toBe(1);
    expect(of(accuracy(), [[-1], [2], [0.3]], [[0], [1], [1]], ['float32', 'float32'])).toBe(1);
  });

  test('refuses shapes that do not belong together', () => {
    expect(() =>
      of(
        accuracy(),
        [
          [1, 2],
          [3, 4],
        ],
        [0, 1, 1],
      ),
    ).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: accuracy: predictions and targets do not belong together
        prediction  [2, 2]
        target      [3]
        hint        targets are class numbers [...] or one-hot [..., classes] for predictions [..., classes]]
    `);
  });
});

test('topK: scikit-learn’s example, and equal scores', () => {
  const scores = [
    [0.5, 0.2, 0.2],
    [0.3, 0.4, 0.2],
    [0.2, 0.4, 0.3],
    [0.7, 0.2, 0.1],
  ];
  expect(of(topK(2), scores, [0, 1, 2, 2])).toBe(0.75);
  expect(of(topK(1), scores, [0, 1, 2, 2])).toBe(0.5);
  expect(
    of(
      topK(1),
      [
        [1, 1],
        [1, 1],
      ],
      [0, 1],
    ),
  ).toBe(0.5);
  expect(of(topK(2, { ignoreIndex: -1 }), scores, [0, -1, 2, 2])).toBeCloseTo(2 / 3);
  expect(() => of(topK(3), scores, [0, 1, 2, 2])).toThrow('every guess would be right');
});

describe('confusion matrix', () => {
  test('scikit-learn’s example, as a table', () => {
    tidy(() => {
      const predicted = tensor([0, 0, 2, 2, 0, 2], [6], 'int32');
      const actual = tensor([2, 0, 2, 2, 0, 1], [6], 'int32');
      const matrix = confusionMatrix(predicted, actual);
      expect(matrix.counts).toEqual([
        [2, 0, 0],
        [0, 0, 1],
        [1, 0, 2],
      ]);
      expect(matrix.total).toBe(6);
      const named = confusionMatrix(predicted, actual, { classes: ['ant', 'bird', 'cat', 'dog'] });
      expect(named.toString()).toMatchInlineSnapshot(`
        "actual \\ predicted  ant  bird  cat  dog
        ant                   2     0    0    0
        bird                  0     0    1    0
        cat                   1     0    2    0
        dog                   0     0    0    0"
      `);
    });
  });

  test('grows with the classes, or refuses those beyond', () => {
    tidy(() => {
      const matrix = new ConfusionMatrix();
      matrix.update(tensor([0], [1], 'int32'), tensor([0], [1], 'int32'));
      matrix.update(tensor([2], [1], 'int32'), tensor([1], [1], 'int32'));
      expect(matrix.counts).toEqual([
        [1, 0, 0],
        [0, 0, 1],
        [0, 0, 0],
      ]);
      matrix.reset();
      expect(matrix.counts).toEqual([]);
      const of2 = new ConfusionMatrix({ classes: 2 });
      expect(() => of2.update(tensor([2], [1], 'int32'), tensor([0], [1], 'int32'))).toThrow(
        'a class 2, beyond 0 to 1',
      );
      expect(() => of2.update(tensor([0], [1], 'int32'), tensor([-1], [1], 'int32'))).toThrow('a class -1');
      expect(of2.total).toBe(0);
    });
  });
});

describe('precision, recall, F1', () => {
  const actual = [0, 1, 2, 0, 1, 2];
  const predicted = [0, 2, 1, 0, 0, 1];

  test('scikit-learn’s examples', () => {
    for (const [make, macro, micro, weighted] of [
      [precision, 2 / 9, 1 / 3, 2 / 9],
      [recall, 1 / 3, 1 / 3, 1 / 3],
      [f1, 4 / 15, 1 / 3, 4 / 15],
    ] as const) {
      expect(of(make({ average: 'macro' }), predicted, actual, LABELS)).toBeCloseTo(macro, 12);
      expect(of(make({ average: 'micro' }), predicted, actual, LABELS)).toBeCloseTo(micro, 12);
      expect(of(make({ average: 'weighted' }), predicted, actual, LABELS)).toBeCloseTo(weighted, 12);
    }
    expect(of(fBeta(0.5, { average: 'macro' }), predicted, actual, LABELS)).toBeCloseTo(5 / 21, 12);
    expect(of(fBeta(2, { average: 'macro' }), predicted, actual, LABELS)).toBeCloseTo(10 / 33, 12);
  });

  test('weights by the examples of each class', () => {
    // class 0: 3 examples, recall 2/3, precision 1; class 1: 1 example, recall 1, precision 1/2
    expect(of(recall({ average: 'weighted' }), [0, 0, 1, 1], [0, 0, 0, 1], LABELS)).toBeCloseTo(0.75, 12);
    expect(of(precision({ average: 'weighted' }), [0, 0, 1, 1], [0, 0, 0, 1], LABELS)).toBeCloseTo(0.875, 12);
    expect(of(precision({ average: 'macro' }), [0, 0, 1, 1], [0, 0, 0, 1], LABELS)).toBeCloseTo(0.75, 12);
  });

  test('binary, from logits', () => {
    const logits = [2, -1, 0.5, -3, 1];
    const labels = [1, 1, 0, 0, 1];
    expect(of(precision(), logits, labels)).toBeCloseTo(2 / 3, 12);
    expect(of(recall(), logits, labels)).toBeCloseTo(2 / 3, 12);
    expect(of(f1(), logits, labels)).toBeCloseTo(2 / 3, 12);
    expect(() => of(f1(), predicted, actual, LABELS)).toThrow("average 'binary' is of the classes 0 and 1");
  });

  test('what nothing can be divided by', () => {
    const zeros = [0, 0, 0, 0, 0, 0];
    const macro = { average: 'macro' } as const;
    expect(of(precision(macro), zeros, actual, LABELS)).toBeCloseTo(1 / 9, 12);
    expect(of(precision({ ...macro, zeroDivision: 1 }), zeros, actual, LABELS)).toBeCloseTo(7 / 9, 12);
    expect(of(precision({ ...macro, zeroDivision: Number.NaN }), zeros, actual, LABELS)).toBeCloseTo(1 / 3, 12);
    expect(of(f1({ zeroDivision: 1 }), zeros, zeros, LABELS)).toBe(1);
    expect(of(f1(), zeros, zeros, LABELS)).toBe(0);
    // class 3 of four never occurs: it counts only where all classes are asked for
    expect(of(recall(macro), predicted, actual, LABELS)).toBeCloseTo(1 / 3, 12);
    expect(of(recall({ ...macro, classes: 4 }), predicted, actual, LABELS)).toBeCloseTo(1 / 4, 12);
  });
});

describe('ranking', () => {
  test('scikit-learn’s examples', () => {
    expect(rocAucScore([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(averagePrecisionScore([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(5 / 6, 12);
    const [labels, scores] = [
      [0, 0, 1, 1, 0, 1],
      [0.1, 0.4, 0.4, 0.8, 0.4, 0.4],
    ]; // with ties
    expect(of(rocAuc(), scores, labels)).toBeCloseTo(0.777777777778, 11);
    expect(of(averagePrecision(), scores, labels)).toBeCloseTo(0.733333333333, 11);
  });

  test('AUC is the share of pairs in the right order', () => {
    const example = fc.record({ score: fc.integer({ min: -4, max: 4 }), label: fc.boolean() });
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 30 }), (examples) => {
        let [sum, pairs] = [0, 0];
        for (const p of examples.filter(({ label }) => label)) {
          for (const n of examples.filter(({ label }) => !label)) {
            sum += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
            pairs++;
          }
        }
        const auc = rocAucScore(
          examples.map(({ score }) => score),
          examples.map(({ label }) => label),
        );
        if (pairs === 0) expect(auc).toBeNaN();
        else expect(auc).toBeCloseTo(sum / pairs, 12);
      }),
    );
  });

  test('two columns rank as their difference; infinite scores as any', () => {
    expect(
      of(
        rocAuc(),
        [
          [0, 0.1],
          [0, 0.4],
          [1, 1.35],
          [0, 0.8],
        ],
        [0, 0, 1, 1],
      ),
    ).toBe(0.75);
    expect(rocAucScore([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], [0, 1, 0])).toBe(
      0.75,
    );
  });

  test('what cannot be ranked', () => {
    expect(averagePrecisionScore([1, 2], [0, 0])).toBe(0);
    expect(rocAucScore([1, 2], [1, 1])).toBeNaN();
    expect(() => rocAucScore([1, Number.NaN], [0, 1])).toThrow('score 1 is NaN');
    expect(() => rocAucScore([1, 2], [0, 2])).toThrow('label 1 is 2');
    expect(() => of(rocAuc(), [[1, 2, 3]], [0])).toThrow('the prediction has 3');
  });
});

describe('regression', () => {
  const FLOATS: [Dtype, Dtype] = ['float32', 'float32'];
  const [predicted, actual]: [number[], number[]] = [
    [2.5, 0, 2, 8],
    [3, -0.5, 2, 7],
  ];

  test('scikit-learn’s examples', () => {
    expect(of(meanAbsoluteError(), predicted, actual, FLOATS)).toBe(0.5);
    expect(of(meanSquaredError(), predicted, actual, FLOATS)).toBe(0.375);
    expect(of(rootMeanSquaredError(), predicted, actual, FLOATS)).toBeCloseTo(Math.sqrt(0.375), 12);
    expect(of(r2(), predicted, actual, FLOATS)).toBeCloseTo(0.9486081370449679, 12);
    expect(
      of(
        r2(),
        [
          [0, 2],
          [-1, 2],
          [8, -5],
        ],
        [
          [0.5, 1],
          [-1, 1],
          [7, -6],
        ],
        FLOATS,
      ),
    ).toBeCloseTo(0.9368005266622779, 12);
    expect(of(r2(), [1, 2, 3], [3, 2, 1], FLOATS)).toBe(-3);
  });

  test('R2 of constant targets, of one example, and of targets far from 0', () => {
    expect(of(r2(), [-2, -2, -2], [-2, -2, -2], FLOATS)).toBe(1);
    expect(of(r2(), [-2, -2, -2.5], [-2, -2, -2], FLOATS)).toBe(0);
    expect(of(r2(), [1], [1], FLOATS)).toBeNaN();
    // the mean squared alone, 1e14, would drown the deviations
    const far = Array.from({ length: 100 }, (_, i) => 1e7 + (i % 2));
    expect(
      of(
        r2(),
        far.map((y) => y + 0),
        far,
        FLOATS,
      ),
    ).toBe(1);
    expect(
      of(
        r2(),
        far.map(() => 1e7),
        far,
        FLOATS,
      ),
    ).toBeCloseTo(-1, 6);
  });

  test('[batch, 1] goes with [batch], nothing else does', () => {
    expect(
      of(
        meanAbsoluteError(),
        predicted.map((p) => [p]),
        actual,
        FLOATS,
      ),
    ).toBe(0.5);
    expect(() => of(r2(), [[1, 2]], [1], FLOATS)).toThrow('different shapes');
  });
});

test('perplexity: equal logits hesitate between all classes', () => {
  expect(
    of(
      perplexity(),
      [
        [0, 0, 0, 0],
        [3, 3, 3, 3],
        [1e4, 1e4, 1e4, 1e4],
      ],
      [0, 1, 3],
    ),
  ).toBeCloseTo(4, 12);
  // p = 1/2 and 1/8: exp(-(log 1/2 + log 1/8) / 2) = 4
  const half = [Math.log(4), Math.log(2), 0, 0];
  expect(of(perplexity(), [half, half, half], [0, 2, -100])).toBeCloseTo(4, 6);
  expect(of(perplexity({ ignoreIndex: 0 }), [half, half, half], [0, 2, 0])).toBeCloseTo(8, 6);
  expect(() => of(perplexity(), [half], [4])).toThrow('target 0 is 4, of 4 classes');
});
