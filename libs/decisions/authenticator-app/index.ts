export * from './enrol.ts';
