export * from './remove.ts';
