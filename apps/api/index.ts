export { createApi } from './create-api.ts';
export { closeGracefully } from './draining/close-gracefully.ts';
export type { ApiParts } from './api.module.ts';
