export * from './create.ts';
export * from './end.ts';
export * from './read.ts';
