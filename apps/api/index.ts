export { createApi } from './create-api.ts';
export { decisionsWithFastPath } from './decisions.ts';
export type { ApiParts } from './api.module.ts';
