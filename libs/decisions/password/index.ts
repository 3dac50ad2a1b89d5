export * from './change.ts';
export * from './claims-of-address.ts';
export * from './complete-reset.ts';
export * from './prepare-reset.ts';
export * from './request-reset.ts';
export * from './reset-link.ts';
