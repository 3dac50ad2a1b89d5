export * from './end.ts';
export * from './expire.ts';
export * from './mark-used.ts';
export * from './read.ts';
