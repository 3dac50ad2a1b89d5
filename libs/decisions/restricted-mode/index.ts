export * from './read.ts';
export * from './switch.ts';
