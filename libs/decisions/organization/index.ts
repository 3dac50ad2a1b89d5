export * from './change.ts';
export * from './create.ts';
export * from './prove-domain.ts';
export * from './read.ts';
export * from './sight.ts';
export * from './test-provider.ts';
export * from './view.ts';
