export { Alignment, type AlignmentOptions, alignment } from './alignment';
export type { HeatMapOptions } from './heat-map';
export type { SvgOptions } from './svg';
