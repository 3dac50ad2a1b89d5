export * from './change-name.ts';
export * from './remove.ts';
