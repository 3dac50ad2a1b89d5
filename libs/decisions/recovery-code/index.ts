export * from './renew.ts';
