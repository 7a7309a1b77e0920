export { type BeamSearchOptions, beamSearch } from './beam-search';
export type { SearchOptions } from './constraints';
export type { Hypothesis } from './hypothesis';
export { greedySearch, type SamplingOptions, sample } from './sampling';
export { scoreTargets } from './score-targets';
