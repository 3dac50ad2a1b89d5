export * from './confirm.ts';
export * from './request.ts';
