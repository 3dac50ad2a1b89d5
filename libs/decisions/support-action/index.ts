export * from './cancel.ts';
export * from './confirm.ts';
export * from './propose.ts';
export * from './read.ts';
