export * from './accept.ts';
export * from './create.ts';
export * from './expire.ts';
export * from './fail.ts';
export * from './open.ts';
export * from './read.ts';
export * from './renew-link.ts';
export * from './view.ts';
