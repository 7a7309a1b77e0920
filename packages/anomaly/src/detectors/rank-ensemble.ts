import { type Key, keyFromJSON } from '@dl/core';
import { type DataOptions, type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition, State, StateValue, Stored } from '../detector/definition';
import { type Complete, complete } from '../detector/ranges';
import { type COPODOptions, copod } from './copod';
import { type ECODOptions, ecod } from './ecod';
import { type EllipticEnvelopeOptions, ellipticEnvelope } from './elliptic-envelope';
import { type GaussianMixtureOptions, gaussianMixture } from './gaussian-mixture';
import { type HBOSOptions, hbos } from './hbos';
import { type INNEOptions, inne } from './inne';
import { type IsolationForestOptions, isolationForest } from './isolation-forest';
import { type KNearestNeighborsOptions, kNearestNeighbors } from './k-nearest-neighbors';
import { type LocalOutlierFactorOptions, localOutlierFactor } from './local-outlier-factor';
import { type LODAOptions, loda } from './loda';
import { type MahalanobisOptions, mahalanobis } from './mahalanobis';
import { type OneClassSVMOptions, oneClassSVM } from './one-class-svm';
import { type PCAOptions, pca } from './pca';

/** The options of each detector that an ensemble may be made of. */
export interface MemberOptions {
  COPOD: COPODOptions;
  ECOD: ECODOptions;
  EllipticEnvelope: EllipticEnvelopeOptions;
  GaussianMixture: GaussianMixtureOptions;
  HBOS: HBOSOptions;
  INNE: INNEOptions;
  IsolationForest: IsolationForestOptions;
  KNearestNeighbors: KNearestNeighborsOptions;
  LocalOutlierFactor: LocalOutlierFactorOptions;
  LODA: LODAOptions;
  Mahalanobis: MahalanobisOptions;
  OneClassSVM: OneClassSVMOptions;
  PCA: PCAOptions;
}

/** A detector of an ensemble, with its options. Scaling and missing values are the ensemble's. */
export type Member = {
  [N in keyof MemberOptions]: { detector: N; options?: Omit<MemberOptions[N], 'contamination' | 'missing' | 'scaler'> };
}[keyof MemberOptions];

/** Options of `RankEnsemble`. */
export interface RankEnsembleOptions extends ShareOptions {
  /**
   * The detectors, each with its options: `[{ detector: 'PCA' }, { detector: 'HBOS', options: { nBins: 20 } }]`.
   * @default the mean of 20 nearest neighbours, an isolation forest, Mahalanobis distance
   */
  members?: readonly Member[];
}

/** What a fitted `RankEnsemble` keeps: under the place of each member what that keeps, and its training scores in order. */
export type RankEnsembleState = { readonly [name: string]: StateValue };

const NAME = 'RankEnsemble';

const definitions: Readonly<Record<string, unknown>> = {
  COPOD: copod,
  ECOD: ecod,
  EllipticEnvelope: ellipticEnvelope,
  GaussianMixture: gaussianMixture,
  HBOS: hbos,
  INNE: inne,
  IsolationForest: isolationForest,
  KNearestNeighbors: kNearestNeighbors,
  LocalOutlierFactor: localOutlierFactor,
  LODA: loda,
  Mahalanobis: mahalanobis,
  OneClassSVM: oneClassSVM,
  PCA: pca,
};

const DEFAULT: readonly Member[] = [
  { detector: 'KNearestNeighbors', options: { nNeighbors: 20, method: 'mean' } },
  { detector: 'IsolationForest' },
  { detector: 'Mahalanobis' },
];

/**
 * The mean over several detectors of a row's rank among the training rows, which needs no common scale:
 * score = mean over members of the share of training rows with a lower score. A row beyond all training rows goes on below 0
 * by how far it lies out, in distances from the lowest to the middle training score. It rarely beats the best detector, but
 * comes near it whichever that is.
 */
export const rankEnsemble: Definition<RankEnsembleOptions, RankEnsembleState> = {
  name: NAME,
  ranges: {
    ...shareRanges,
    members: {
      fallback: DEFAULT,
      range: `a list of { detector, options } with a detector among {${Object.keys(definitions).join(', ')}}`,
      accepts: (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((member) => Object.hasOwn(definitions, (member as { detector: string } | null)?.detector ?? '')),
    },
  },
  check({ members }) {
    for (const member of members) readMember(member);
  },
  fit(rows, { members }) {
    const state: Record<string, StateValue> = {};
    const inSample: Float64Array[] = [];
    for (const [m, member] of members.entries()) {
      const { definition, options } = readMember(member);
      const fitted = definition.fit(rows, options, { sampleWeight: undefined });
      const given = typeof fitted.scores === 'function' ? fitted.scores() : fitted.scores;
      const scores = given ?? definition.score(fitted.state, rows, options);
      for (const [name, value] of Object.entries(fitted.state)) state[`${m}.${name}`] = value;
      state[`${m}.scores`] = scores.slice().sort();
      inSample.push(scores);
    }
    return { state, scores: meanRanks(members.length, state, (m) => inSample[m]!) };
  },
  score(state, rows, { members }) {
    return meanRanks(members.length, state, (m) => {
      const { definition, options } = readMember(members[m]!);
      return definition.score(stateOf(state, m), rows, options);
    });
  },
  layout({ members }) {
    const layout: Record<string, Stored> = {};
    for (const [m, member] of members.entries()) {
      for (const [name, stored] of Object.entries(readMember(member).definition.layout))
        layout[`${m}.${name}`] = stored;
      layout[`${m}.scores`] = 'float64';
    }
    return layout;
  },
  faultOf(state, columns, { members }) {
    for (const [m, member] of members.entries()) {
      const { definition, options } = readMember(member);
      const scores = state[`${m}.scores`] as Float64Array;
      if (scores.length === 0 || scores.some((score, i) => !(i === 0 || scores[i - 1]! <= score))) {
        return `the training scores of member ${m} are none, or not ascending`;
      }
      const fault = definition.faultOf(stateOf(state, m), columns, options);
      if (fault !== undefined) return `member ${m}, ${definition.name}: ${fault}`;
    }
    return undefined;
  },
};

type MemberDefinition = Omit<Definition<DataOptions, State>, 'layout'> & { layout: Readonly<Record<string, Stored>> };

/** The definition of a member, and its options with defaults; a key that comes out of a file is two numbers. */
function readMember({ detector, options = {} }: Member): {
  definition: MemberDefinition;
  options: Complete<DataOptions>;
} {
  const definition = definitions[detector] as MemberDefinition;
  const given = options as { key?: Key | [number, number] };
  const revived = Array.isArray(given.key) ? { ...given, key: keyFromJSON(given.key) } : given;
  const completed = complete(definition.name, definition.ranges, revived as DataOptions);
  definition.check?.(completed);
  return { definition, options: completed };
}

/** What member m keeps. */
function stateOf(state: RankEnsembleState, m: number): State {
  const start = `${m}.`;
  const own = Object.entries(state).filter(([name]) => name.startsWith(start) && name !== `${m}.scores`);
  return Object.fromEntries(own.map(([name, value]) => [name.slice(start.length), value]));
}

function meanRanks(count: number, state: RankEnsembleState, scoresOf: (m: number) => Float64Array): Float64Array {
  let sums = new Float64Array(0);
  for (let m = 0; m < count; m++) {
    const sorted = state[`${m}.scores`] as Float64Array;
    const scores = scoresOf(m);
    if (m === 0) sums = new Float64Array(scores.length);
    for (let i = 0; i < scores.length; i++) sums[i]! += rank(scores[i]!, sorted) / count;
  }
  return sums;
}

/** The share of training scores below, equal ones by half; below all of them, how far below. */
function rank(score: number, sorted: Float64Array): number {
  const n = sorted.length;
  const lowest = sorted[0]!;
  if (score < lowest) {
    const unit = sorted[n >> 1]! - lowest;
    return -(lowest - score) / (unit > 0 ? unit : Math.max(Math.abs(lowest), 1));
  }
  const below = firstPlace(sorted, (value) => value < score);
  const upTo = firstPlace(sorted, (value) => value <= score);
  return (below + upTo) / 2 / n;
}

function firstPlace(sorted: Float64Array, is: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (is(sorted[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}
