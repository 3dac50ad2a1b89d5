export * from './create.ts';
export * from './list.ts';
export * from './revoke.ts';
