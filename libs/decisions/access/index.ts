export * from './audit-sight.ts';
export * from './evaluate.ts';
