export * from './manage.ts';
export * from './read.ts';
