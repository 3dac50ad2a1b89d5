export * from './assign.ts';
export * from './list.ts';
export * from './set-up-services.ts';
