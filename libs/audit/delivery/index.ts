export * from './next-event.ts';
export * from './post-event.ts';
export * from './post.ts';
export * from './retry.ts';
