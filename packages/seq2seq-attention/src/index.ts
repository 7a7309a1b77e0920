export * from './attention';
export * from './text';
