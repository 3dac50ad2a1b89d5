export * from './describe-me.ts';
