export * from './next-event.ts';
export * from './post-event.ts';
export * from './public-address.ts';
export * from './retry.ts';
export * from './webhook-url.ts';
