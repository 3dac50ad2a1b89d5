/** Everything that is decided, one feature a folder, one transaction a decision. */
export * from './access/index.ts';
export * from './cascade.ts';
export * from './decision.ts';
export * from './elevation/index.ts';
export * from './grant/index.ts';
export * from './invite/index.ts';
export * from './membership/index.ts';
export * from './nudges.ts';
export * from './once.ts';
export * from './organization/index.ts';
export * from './page.ts';
export * from './session/index.ts';
export * from './subject-of.ts';
