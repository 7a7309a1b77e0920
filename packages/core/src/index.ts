export { type BackendInfo, type InitOptions, init } from './backend/init';
export * from './errors';
export * from './gradcheck';
export * from './memory';
export { type Context, EVAL } from './nn/context';
export { type LoadReport, type Member, Module, type Shape } from './nn/module';
export { Buffer, Param } from './nn/param';
export { type Count, Key, key, keyFromJSON } from './random';
export * from './train';
