export * from './end.ts';
export * from './expire.ts';
export * from './read.ts';
