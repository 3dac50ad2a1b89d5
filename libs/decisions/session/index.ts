export * from './describe-me.ts';
export * from './own-sessions.ts';
export * from './session-code.ts';
export * from './sign-in-by-sso.ts';
