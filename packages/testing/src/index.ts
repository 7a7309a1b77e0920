export type { BenchConfig } from './bench';
export { channelsLast, expectGoldenLayer, type Golden, tensorOf } from './golden-layer';
export { type LayerContract, layerContract } from './layer-contract';
export { expectClose, expectGolden, type Values } from './matchers';
export { expectNoLeaks } from './no-leaks';
export { onBackends, type TestBackend } from './on-backends';
export { type OracleCase, type OracleFile, type OracleTensor, oracleTolerance, readOracle } from './oracle';
