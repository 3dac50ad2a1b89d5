export * from './find.ts';
export * from './open.ts';
export * from './read.ts';
export * from './resend-mails.ts';
export * from './return.ts';
export * from './revoke.ts';
