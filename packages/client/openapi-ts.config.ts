import { defineConfig } from '@hey-api/openapi-ts';

/** The document is written by `npm run build:client`; what is made of it is not kept in the repository. */
export default defineConfig({
  input: new URL('src/generated/openapi.json', import.meta.url).pathname,
  output: { path: new URL('src/generated', import.meta.url).pathname, clean: false, module: { extension: '.ts' } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'warn' },
});
