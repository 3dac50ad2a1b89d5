export * from './create.ts';
export * from './end.ts';
export * from './read.ts';
export * from './renew.ts';
export * from './settle-term.ts';
