export { askedByEffectiveAccess, askedByEvaluations, askedBySubjectSearch } from './asked.ts';
export * from './audit-sight.ts';
export * from './effective-access.ts';
export * from './evaluate-all.ts';
export * from './evaluate.ts';
export * from './may-ask.ts';
export * from './people-called.ts';
export * from './role-matrix-file.ts';
export * from './search.ts';
