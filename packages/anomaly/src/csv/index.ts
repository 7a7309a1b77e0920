export { type ReadCsvOptions, readCsv } from './read-csv';
