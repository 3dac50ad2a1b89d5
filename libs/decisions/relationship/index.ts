export * from './create.ts';
export * from './end.ts';
export * from './read.ts';
export { findDueTerms, renewRelationship, settleTerm } from './term.ts';
