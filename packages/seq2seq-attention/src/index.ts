export * from './attention';
export * from './metrics';
export * from './model';
export * from './search';
export * from './text';
