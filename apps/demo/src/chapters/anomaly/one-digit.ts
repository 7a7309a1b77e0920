import { rocAucScore } from '@dl/anomaly';
import { novelty } from '@dl/anomaly/deep';
import { disposeBatch } from '@dl/core/data';
import type { Section } from '../../chapter';
import { readMnist } from '../../mnist';
import { table } from '../../table';
import { drawDigit, sideBySide } from '../cnn/draw-digit';

const PIXELS = 784;
const NEEDED = 0.95;
/** The square root of the sum of squared pixels that an average digit has. */
const INK = 9;

interface Digits {
  /** `[digits, 784]`, each with the same amount of ink. */
  pixels: Float32Array;
  labels: number[];
}

type MnistPart = Awaited<ReturnType<typeof readMnist>>['train'];

/** One digit learnt, all ten told from it: for each of the ten. */
export const oneDigit: Section = {
  name: 'one digit of MNIST',
  title: 'An autoencoder learns one digit of MNIST, and nine others are new to it: for each of the ten',
  async run({ print, full, signal }) {
    const [seen, most, epochs, judged] = full ? [60_000, 5000, 20, 10_000] : [12_000, 1000, 10, 2000];
    const { train, test } = await readMnist();
    const known = await read(train, seen);
    const asked = await read(test, judged);
    const start = performance.now();
    const rows: string[][] = [];
    let total = 0;
    let pictures = '';
    for (let digit = 0; digit < 10; digit++) {
      await new Promise((resume) => setImmediate(resume)); // the fit holds the thread: Ctrl-C is heard here
      signal.throwIfAborted();
      const detector = new novelty.AutoEncoder({
        hiddenSizes: [128, 32],
        activation: 'relu',
        scaler: 'none', // pixels are of one size as they are
        epochs,
        learningRate: 3e-3,
      }).fit(only(digit, known, most));
      const scores = detector.scoreSamples({ data: asked.pixels, shape: [asked.labels.length, PIXELS] });
      if (digit === 8) pictures = misjudged(digit, scores, asked);
      const auc = rocAucScore(
        scores.map((score) => -score),
        asked.labels.map((label) => Number(label !== digit)),
      );
      total += auc;
      rows.push([`${digit}`, auc.toFixed(3), `${mostAlike(digit, scores, asked)}`]);
      const done = digit + 1;
      const left = ((performance.now() - start) / done) * (10 - done);
      print(`${done} of 10: ROC-AUC of the ${digit} ${auc.toFixed(3)}, about ${(left / 1000).toFixed(0)} s left`);
    }
    const mean = total / 10;
    print(`\n${table(['learnt', 'ROC-AUC', 'most like it'], rows)}\n`);
    print(pictures);
    return {
      result: `mean ROC-AUC ${mean.toFixed(3)} over the ten digits`,
      reference: `at least ${NEEDED.toFixed(2)}`,
      reached: mean >= NEEDED,
    };
  },
};

/** The first digits of a data set. Thin ones are reconstructed well whatever they are, so all are given the same ink. */
async function read(of: MnistPart, count: number): Promise<Digits> {
  const pixels = new Float32Array(count * PIXELS);
  const labels: number[] = [];
  for await (const batch of of.take(count).batch(1000)) {
    pixels.set(batch.x.dataSync(), labels.length * PIXELS);
    labels.push(...batch.y.dataSync());
    disposeBatch(batch);
  }
  for (let i = 0; i < count; i++) {
    const digit = pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
    const ink = Math.sqrt(digit.reduce((sum, value) => sum + value * value, 0));
    digit.forEach((value, at) => {
      digit[at] = (value * INK) / ink;
    });
  }
  return { pixels, labels };
}

/** The first `most` of one digit, as training rows. */
function only(digit: number, { pixels, labels }: Digits, most: number) {
  const taken = [...labels.keys()].filter((i) => labels[i] === digit).slice(0, most);
  const data = new Float32Array(taken.length * PIXELS);
  for (const [row, i] of taken.entries()) data.set(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), row * PIXELS);
  return { data, shape: [taken.length, PIXELS] };
}

/** The other digit with the highest mean score. */
function mostAlike(digit: number, scores: ArrayLike<number>, { labels }: Digits): number {
  const means = Array.from({ length: 10 }, (_, other) => {
    const of = Array.from(scores).filter((_, i) => labels[i] === other);
    return other === digit ? Number.NEGATIVE_INFINITY : of.reduce((sum, score) => sum + score, 0) / of.length;
  });
  return means.indexOf(Math.max(...means));
}

/** The strangest image of a digit, and the image of another one that passes for it most easily. */
function misjudged(digit: number, scores: ArrayLike<number>, { pixels, labels }: Digits): string {
  const order = [...labels.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const drawing = (i: number, caption: string) => ({
    caption,
    lines: drawDigit(pixels.subarray(i * PIXELS, (i + 1) * PIXELS)),
  });
  const strangest = order.find((i) => labels[i] === digit)!;
  const passing = order.filter((i) => labels[i] !== digit).at(-1)!;
  return sideBySide([
    drawing(strangest, `the strangest ${digit}`),
    drawing(passing, `a ${labels[passing]} that passes for it`),
  ]);
}
