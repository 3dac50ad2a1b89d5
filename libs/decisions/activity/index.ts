export * from './count-evaluations.ts';
export * from './read.ts';
export * from './report.ts';
export * from './report-of-grant.ts';
