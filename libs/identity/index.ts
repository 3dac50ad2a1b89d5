export { checkPasswordPolicy, hashPassword, verifyPassword } from './passwords.ts';
export * from './principal.ts';
export { seal, unseal } from './sealed.ts';
export * from './sessions.ts';
export * from './tenancy-of.ts';
export * from './tokens.ts';
