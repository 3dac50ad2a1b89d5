export * from './allowed-url.ts';
export * from './open-request.ts';
export * from './public-address.ts';
export * from './public-lookup.ts';
export * from './text-records.ts';
