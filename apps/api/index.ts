export { createApi } from './create-api.ts';
export type { ApiParts } from './api.module.ts';
