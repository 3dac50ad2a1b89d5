export * from './enrol.ts';
export * from './sign-in.ts';
