import { mkdir, readFile, writeFile } from 'node:fs/promises';

/** The file that the tests of `@dl/anomaly` read. */
const source = new URL('../../../../fixtures/sklearn/breast_cancer.json', import.meta.url);

/** What the file depends on beside the code. */
export const inputs: readonly URL[] = [source];

const measures = [
  'radius',
  'texture',
  'perimeter',
  'area',
  'smoothness',
  'compactness',
  'concavity',
  'concave points',
  'symmetry',
  'fractal dimension',
];

/**
 * Writes `breast-cancer.json`: `{ rows, labels, features }`, 569 samples of 30 features of cell nuclei, label 1 for malignant.
 * Breast Cancer Wisconsin (Diagnostic) of the UCI repository; the features are ten measures, of each the mean, its error, and
 * the mean of the three largest.
 */
export async function build(target: URL): Promise<void> {
  const { X: rows, y: labels } = JSON.parse(await readFile(source, 'utf8')) as { X: number[][]; y: number[] };
  const features = ['mean', 'error of', 'worst'].flatMap((kind) => measures.map((measure) => `${kind} ${measure}`));
  if (rows.length !== labels.length || rows.some((row) => row.length !== features.length)) {
    throw new Error(`${source.pathname}: ${rows.length} rows, ${labels.length} labels, ${features.length} features`);
  }
  await mkdir(target, { recursive: true });
  await writeFile(new URL('breast-cancer.json', target), JSON.stringify({ rows, labels, features }));
}
