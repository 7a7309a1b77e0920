export { expectClose, expectGolden, type Values } from './matchers';
export { type OracleCase, type OracleFile, type OracleTensor, oracleTolerance, readOracle } from './oracle';
