export * from './as-seen-by.ts';
export * from './in-transaction.ts';
export * from './standing.ts';
export type { StandingParameters } from './statement.ts';
