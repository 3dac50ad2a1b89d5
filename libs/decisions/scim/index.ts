export { directoryAsActor, directoryOf, type Directory } from './directory.ts';
export * from './read-users.ts';
export * from './tokens.ts';
export * from './users.ts';
