export * from './create.ts';
export * from './read.ts';
export * from './work-off.ts';
