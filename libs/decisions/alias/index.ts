export * from './add.ts';
export * from './list.ts';
export * from './remove.ts';
